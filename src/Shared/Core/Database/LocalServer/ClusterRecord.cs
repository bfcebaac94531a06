using System.Security.Cryptography;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>
/// What the data folder remembers of its cluster, readable by its owner alone: where it stands, who runs it, and how to get in. Written before the
/// cluster is made, so that no cluster exists whose password nobody knows.
/// </summary>
/// <param name="Home">
/// The folder that holds the cluster: relative to the data folder; absolute where the account cannot enter that and it stands outside. Folders of
/// before there were identities have an absolute path in either case.
/// </param>
/// <param name="Account">The account that the server ran as when the cluster was made.</param>
/// <param name="Port">The port it was last reached at.</param>
/// <param name="Password">The password of its only user.</param>
internal sealed record ClusterRecord(string Home, string Account, int Port, string Password)
{
    /// <exception cref="DataFolderException">The file is damaged, or belongs to another account.</exception>
    public static ClusterRecord? Read(DataFolder folder) => PrivateFile.Read<Content>(folder.Cluster) is not { } file ? null
        : (file.Cluster ?? file.Home) is { } home ? new ClusterRecord(home, file.Account, file.Port, file.Password)
        : throw new DataFolderException($"{folder.Cluster}: does not say where the cluster is. Put back the copy you have of it.");

    public void Write(DataFolder folder) => PrivateFile.Write(folder.Cluster, new Content(Account, Port, Password, Home));

    /// <summary>The absolute path of <see cref="Home"/>, wherever the data folder stands now.</summary>
    public string HomeIn(DataFolder folder) => IsOutside ? Home : folder.Postgres;

    /// <summary>Whether the cluster stands outside the data folder.</summary>
    public bool IsOutside => Path.IsPathRooted(Home) && Path.GetDirectoryName(Home) == ClusterHome.SharedParent;

    /// <summary>Where the data folder stood when a record of the old format was written: the parent of its cluster; null where it does not say.</summary>
    public string? FormerFolder => Path.IsPathRooted(Home) && !IsOutside ? Path.GetDirectoryName(Home) : null;

    /// <summary>
    /// The file. Earlier programs wrote an absolute path as <paramref name="Home"/>, and demand one: a relative path they would take from wherever they
    /// are started, and begin an empty database there. What they do not find they call damaged, and stop.
    /// </summary>
    private sealed record Content(string Account, int Port, string Password, string? Cluster = null, string? Home = null);

    /// <summary>256 random bits.</summary>
    public static string NewPassword() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
