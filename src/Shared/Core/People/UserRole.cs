namespace ChangeDetection.Core.People;

/// <summary>What a user may do. Each role may do all that the ones before it may.</summary>
public enum UserRole
{
    /// <summary>Reads: pages, logs, downloads.</summary>
    Viewer,
    /// <summary>Acts on runs and workers.</summary>
    Operator,
    /// <summary>Manages people, the queue's own pages, and what is deleted for good.</summary>
    Admin,
}

/// <summary>The words of <see cref="UserRole"/>, as rows, options and settings write them.</summary>
public static class UserRoles
{
    public static IReadOnlyList<UserRole> All { get; } = Enum.GetValues<UserRole>();

    public static string Word(this UserRole role) => role.ToString().ToLowerInvariant();

    /// <summary>The role of a word; null when it is none.</summary>
    public static UserRole? Find(string? word) => All.Where(role => role.Word() == word).Select(role => (UserRole?)role).FirstOrDefault();
}
