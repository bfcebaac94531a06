using System.Text.Json.Serialization;

namespace ChangeDetection.Core.Hosting;

/// <summary>How far the identity of a data folder has come. What is not settled is finished by the next start.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FolderState>))]
public enum FolderState
{
    /// <summary>Database, store and folder bear one id.</summary>
    [JsonStringEnumMemberName("settled")]
    Settled,
    /// <summary>The id was chosen, and its cluster may not be there yet: a start that was killed before it is settled makes it again.</summary>
    [JsonStringEnumMemberName("beginning")]
    Beginning,
    /// <summary>The folder is a copy that is given an id of its own; its database and its own store may still bear the original's.</summary>
    [JsonStringEnumMemberName("copied")]
    Copied,
}

/// <summary>How a data folder came to where it stands, as far as that can be seen.</summary>
public enum FolderOrigin
{
    /// <summary>It is the folder in which the system was last up, renamed or not.</summary>
    Itself,
    /// <summary>It came from another disk or machine, and where it came from is no such folder any more.</summary>
    Moved,
    /// <summary>The folder that it was copied from is still there.</summary>
    Copied,
}

/// <summary>
/// <c>system.json</c> of a data folder: which system lives in it. The same id stands in the database's table <c>system</c> and in the store's object
/// <c>system.json</c>.
/// </summary>
/// <param name="Id">The system's.</param>
/// <param name="State">Whether the database bears it already.</param>
/// <param name="Place">
/// Where the folder was when a system was last up in it. It tells a copy from the folder itself, and nothing is ever looked for by it.
/// </param>
/// <param name="Former">Paths at which the folder stood before (<see cref="FormerFolders"/>); null: none.</param>
public sealed record SystemFile(Guid Id, FolderState State = FolderState.Settled, FolderPlace? Place = null, IReadOnlyList<string>? Former = null)
{
    /// <summary>The file's name, and the key of the marker in a store.</summary>
    public const string Name = "system.json";

    private const int FormerKept = 32;

    /// <summary>Null for a folder in which no system has lived since systems have ids.</summary>
    /// <exception cref="DataFolderException">It is damaged, or belongs to another account.</exception>
    public static SystemFile? Read(DataFolder folder) => PrivateFile.Read<SystemFile>(folder[Name]);

    /// <summary>Whether this file still stands in the folder that it was written for.</summary>
    public FolderOrigin OriginOf(DataFolder folder) =>
        Place is null || Place.IsSame(FolderPlace.Of(folder)) ? FolderOrigin.Itself
        : Place.Path != folder.Path && IsStillAt(DataFolder.At(Place.Path)) ? FolderOrigin.Copied
        : FolderOrigin.Moved;

    /// <summary>The same folder where it stands now.</summary>
    public SystemFile At(FolderPlace here) => Place is null || Place.Path == here.Path
        ? this with { Place = here }
        : this with { Place = here, Former = [.. (Former ?? []).Append(Place.Path).Where(path => path != here.Path).Distinct().TakeLast(FormerKept)] };

    /// <summary>Writes the file with mode 0600, whole or not at all.</summary>
    public void Write(DataFolder folder) => PrivateFile.Write(folder[Name], this);

    private bool IsStillAt(DataFolder original)
    {
        try
        {
            return Read(original)?.Id == Id;
        }
        catch (DataFolderException)
        {
            // There is one, and what it says is not for us: as careful as if it were the original's.
            return true;
        }
    }
}
