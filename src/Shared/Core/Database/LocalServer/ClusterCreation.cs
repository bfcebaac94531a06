using System.Security.Cryptography;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>Makes a cluster under a temporary name and renames it when it is complete: one that was killed half-way is simply made again.</summary>
internal static class ClusterCreation
{
    /// <summary>The cluster's only user, its superuser: nobody but this system ever connects.</summary>
    public const string User = "changedetection";

    private const string Unfinished = "data.new-";
    private const int DeleteTries = 100;
    private static readonly TimeSpan s_deletePause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    /// <exception cref="LocalPostgresException"><c>initdb</c> failed; nothing of it is left.</exception>
    public static async Task CreateAsync(PostgresBinaries binaries, ClusterHome home, string password, bool durable, CancellationToken cancellationToken)
    {
        home.Create();
        foreach (var leftover in Directory.EnumerateDirectories(home.Folder, Unfinished + "*"))
            await DeleteAsync(leftover, cancellationToken);

        var name = Unfinished + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var path = Path.Combine(home.Folder, name);
        try
        {
            // The password goes through a pipe that the account itself made (it could not open one of ours), and never touches the disk.
            var result = await home.Shell.RunScriptAsync(
                "cat | \"$@\" --pwfile=/dev/stdin",
                [
                    binaries.InitDb, "-D", name, "-U", User, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", .. durable ? [] : s_fast,
                ],
                s_limit, password + "\n", cancellationToken);
            if (result.ExitCode != 0)
                throw LocalPostgresException.From($"A PostgreSQL cluster could not be made in '{home.Folder}'", result.Output, home);
            Directory.Move(path, home.DataDirectory);
        }
        catch
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            throw;
        }
    }

    /// <summary>An <c>initdb</c> outlives its killed owner for a moment and may write on while we delete: then once more, until it has noticed.</summary>
    private static async Task DeleteAsync(string leftover, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(leftover, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
            catch (IOException) when (attempt < DeleteTries)
            {
                await Task.Delay(s_deletePause, cancellationToken);
            }
        }
    }

    private static readonly string[] s_fast = ["--no-sync", "--wal-segsize=1"];
}
