using System.Security.Cryptography;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>
/// What the data folder remembers of its cluster, readable by its owner alone: where it stands, who runs it, and how to get in.
/// Written before the cluster is made, so that no cluster exists whose password nobody knows.
/// </summary>
/// <param name="Home">The folder that holds the cluster; outside the data folder where the account cannot enter that.</param>
/// <param name="Account">The account that the server runs as.</param>
/// <param name="Port">The port it was last reached at.</param>
/// <param name="Password">The password of its only user.</param>
internal sealed record ClusterRecord(string Home, string Account, int Port, string Password)
{
    public static ClusterRecord? Read(DataFolder folder) => PrivateFile.Read<ClusterRecord>(folder.Cluster);

    public void Write(DataFolder folder) => PrivateFile.Write(folder.Cluster, this);

    /// <summary>256 random bits.</summary>
    public static string NewPassword() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
