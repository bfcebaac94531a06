using System.Buffers.Binary;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>How a cluster's files were left, as PostgreSQL itself notes it in <c>global/pg_control</c>.</summary>
internal static class ClusterCondition
{
    /// <summary>Behind the system's identifier (8 bytes), and the versions of the file and the catalogue (4 each); see <c>pg_control.h</c>.</summary>
    private const int StateOffset = 16;

    /// <summary><c>DB_SHUTDOWNED</c>.</summary>
    private const int ShutDown = 1;

    /// <summary>
    /// Whether the server was shut down in order, so that the files are of one moment: a copy of them is as good as they are. The file that names a
    /// running server tells the same where the copy caught it.
    /// </summary>
    public static bool WasShutDown(ClusterHome home)
    {
        if (File.Exists(Path.Combine(home.DataDirectory, "postmaster.pid")))
            return false;
        try
        {
            using var file = File.OpenRead(Path.Combine(home.DataDirectory, "global", "pg_control"));
            Span<byte> head = stackalloc byte[StateOffset + sizeof(int)];
            file.ReadExactly(head);
            return BinaryPrimitives.ReadInt32LittleEndian(head[StateOffset..]) == ShutDown;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
