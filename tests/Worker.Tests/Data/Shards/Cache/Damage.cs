namespace ChangeDetection.Worker.Tests.Data.Shards.Cache;

/// <summary>What disks do to files.</summary>
internal static class Damage
{
    /// <summary>Flips one bit, in place.</summary>
    public static void Flip(string path, long at)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 0x10));
    }
}
