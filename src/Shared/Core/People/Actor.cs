namespace ChangeDetection.Core.People;

/// <summary>How it is known who acts.</summary>
public enum ActorMeans
{
    /// <summary>The account under which a program with a direct connection to the database runs: what that program says of itself.</summary>
    Account,
    /// <summary>The token that a dashboard printed at its start; known to the account that started it.</summary>
    StartupToken,
    /// <summary>A user's token.</summary>
    Token,
    /// <summary>A provider of OpenID Connect.</summary>
    OpenId,
}

/// <summary>Who does something, for the ledger (<see cref="AuditStore"/>) and as a run's user.</summary>
/// <param name="User">The name.</param>
/// <param name="Address">Where the request came from; null of a direct connection, whose client the database sees itself.</param>
public sealed record Actor(string User, ActorMeans Means, string? Address = null)
{
    /// <summary>Whether the name was proved, and not only said.</summary>
    public bool IsVerified => Means is not ActorMeans.Account;

    /// <summary>The account of this process.</summary>
    public static Actor OfAccount() => new(Environment.UserName is { Length: > 0 } name ? name : "unknown", ActorMeans.Account);
}

/// <summary>The words of <see cref="ActorMeans"/> in rows and claims.</summary>
public static class ActorMeansWords
{
    public static string Word(this ActorMeans means) => means switch
    {
        ActorMeans.StartupToken => "start-up token",
        ActorMeans.Token => "token",
        ActorMeans.OpenId => "openid",
        _ => "account",
    };

    /// <summary>The means of a word.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static ActorMeans Of(string word) =>
        Enum.GetValues<ActorMeans>().Where(means => means.Word() == word).Select(means => (ActorMeans?)means).FirstOrDefault()
        ?? throw new ArgumentException($"'{word}' is no means of identification.", nameof(word));
}
