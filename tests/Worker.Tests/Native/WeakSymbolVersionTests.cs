namespace ChangeDetection.Worker.Tests.Native;

public sealed class WeakSymbolVersionTests
{
    private const string Version = "GLIBCXX_3.4.32";
    private static readonly string s_library = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");

    [Fact]
    public void SetWeak_ChangesOneByte_AndIsIdempotent()
    {
        var before = File.ReadAllBytes(s_library);
        var flags = WeakSymbolVersion.FindFlags(before, Version);
        before[flags] = 0;
        var after = (byte[])before.Clone();

        WeakSymbolVersion.SetWeak(after, WeakSymbolVersion.FindFlags(after, Version));
        WeakSymbolVersion.SetWeak(after, WeakSymbolVersion.FindFlags(after, Version));

        Assert.True(WeakSymbolVersion.IsWeak(after, flags));
        Assert.Equal([flags], Enumerable.Range(0, after.Length).Where(i => after[i] != before[i]));
    }

    [Fact]
    public void FindFlags_VersionNotNeeded_IsMinusOne()
        => Assert.Equal(-1, WeakSymbolVersion.FindFlags(File.ReadAllBytes(s_library), "GLIBCXX_9.9.99"));

    [Fact]
    public void FindFlags_NotAnElfFile_IsRefused()
        => Assert.Throws<InvalidDataException>(() => WeakSymbolVersion.FindFlags(new byte[4096], Version));

    [Fact]
    public void FindFlags_DamagedHeaders_AreRefusedOrNotFound_NeverMisread()
    {
        var library = File.ReadAllBytes(s_library);
        var flags = WeakSymbolVersion.FindFlags(library, Version);
        var sections = (int)BitConverter.ToInt64(library, 0x28);
        foreach (var at in new[] { 0x28, 0x3a, 0x3c, sections + 6 * 64 + 0x18, sections + 6 * 64 + 0x20, flags - 4, flags + 4 })
        {
            var damaged = (byte[])library.Clone();
            damaged[at] ^= 0x55;
            damaged[at + 1] ^= 0x55;
            int found;
            try
            {
                found = WeakSymbolVersion.FindFlags(damaged, Version);
            }
            catch (InvalidDataException)
            {
                continue;
            }
            Assert.Contains(found, new[] { -1, flags });
        }
    }
}
