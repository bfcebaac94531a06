using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using CsCheck;

namespace ChangeDetection.Core.Tests.Storage;

/// <summary>What is read of a published object is what was published, or an exception.</summary>
public sealed class VerifiedReadTests : IDisposable
{
    private static readonly ObjectKey s_key = new("a/object");
    private readonly TemporaryFolder _folder = new();
    private readonly FileObjectStore _store;

    public VerifiedReadTests() => _store = new FileObjectStore(_folder["store"]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_InAnyPieces_GivesTheBytesAndTheirHash() => Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[1, 90]).Sample((bytes, piece) =>
    {
        using var stream = Stream(bytes, Sha256Hex.Of(bytes));
        var read = new List<byte>();
        var buffer = new byte[piece];
        for (int count; (count = stream.Read(buffer)) > 0;)
            read.AddRange(buffer[..count]);
        Assert.Equal(bytes, read);
        Assert.Equal(Sha256Hex.Of(bytes), stream.Sha256);
        // The end stays the end.
        Assert.Equal(0, stream.Read(buffer));
    });

    [Fact]
    public void Read_ToTheEndOfAnyOtherBytes_Throws() => Gen.Select(Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 300], Gen.Bool).Sample((bytes, others, early) =>
    {
        if (bytes.SequenceEqual(others))
            return;
        using var stream = Stream(others, Sha256Hex.Of(bytes));
        // Also for a reader that has had all that it wanted.
        if (early)
            stream.ReadExactly(new byte[others.Length / 2]);
        var error = Assert.Throws<ObjectDamagedException>(stream.RequireEnd);
        Assert.Equal(
            $"memory://store/: 'a/object': its SHA-256 is {Sha256Hex.Of(others)}, but {Sha256Hex.Of(bytes)} was published; the stored object is " +
            "damaged. Make it again.", error.Message);
    });

    [Fact]
    public void Sha256_BeforeTheEnd_IsNotKnown()
    {
        using var stream = Stream([1, 2, 3], Sha256Hex.Of([1, 2, 3]));
        stream.ReadExactly(new byte[3]);
        Assert.Throws<InvalidOperationException>(() => stream.Sha256);
    }

    [Fact]
    public void Read_OfNothingKnown_SaysWhatItWas()
    {
        using var stream = new VerifyingStream(new MemoryStream([1, 2, 3]), new Uri("memory://store/"), published: null);
        stream.RequireEnd();
        Assert.Equal(Sha256Hex.Of([1, 2, 3]), stream.Sha256);
    }

    [Fact]
    public async Task Download_OfAnIntactObject_IsItsBytes()
    {
        var published = await PutAsync([1, 2, 3], damaged: false);

        await Download.ToFileAsync(_store, published, _folder["file"], Token);
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(_folder["file"], Token));
        Assert.Equal([1, 2, 3], await Download.ToMemoryAsync(_store, published, mostBytes: 3, Token));
        await using (var file = await Download.ToTemporaryFileAsync(_store, published, _folder.Path, Token))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.SafeFileHandle));
            var bytes = new byte[4];
            Assert.Equal(3, await file.ReadAtLeastAsync(bytes, 4, throwOnEndOfStream: false, Token));
            Assert.Equal([1, 2, 3, 0], bytes);
        }
        Assert.Equal([_folder["file"]], Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Download_OfADamagedOrMissingObject_LeavesNothingAndWhatWasThere(bool damaged)
    {
        var published = damaged ? await PutAsync([1, 2, 3], damaged: true) : new PublishedObject(s_key, Sha256Hex.Of([]), "");
        _folder.Write("file", "old");

        await FailsAsync(() => Download.ToFileAsync(_store, published, _folder["file"], Token));
        await FailsAsync(() => Download.ToFileAsync(_store, published, _folder["new"], Token));
        await FailsAsync(() => Download.ToMemoryAsync(_store, published, 100, Token));
        await FailsAsync(() => Download.ToTemporaryFileAsync(_store, published, _folder.Path, Token));
        Assert.Equal("old", await File.ReadAllTextAsync(_folder["file"], Token));
        Assert.Equal([_folder["file"]], Directory.GetFiles(_folder.Path));

        async Task FailsAsync(Func<Task> download)
        {
            var error = await Assert.ThrowsAnyAsync<IOException>(download);
            Assert.Equal(damaged ? typeof(ObjectDamagedException) : typeof(ObjectNotFoundException), error.GetType());
        }
    }

    [Fact]
    public async Task Download_ToMemory_OfMoreThanThereCanBe_IsRefused()
    {
        var published = await PutAsync(new byte[200_000], damaged: false);
        var error = await Assert.ThrowsAsync<ObjectDamagedException>(() => Download.ToMemoryAsync(_store, published, mostBytes: 199_999, Token));
        Assert.Contains("more than 199999 bytes", error.Message, StringComparison.Ordinal);
    }

    private static VerifyingStream Stream(byte[] bytes, string sha256) =>
        new(new MemoryStream(bytes), new Uri("memory://store/"), new PublishedObject(s_key, sha256, "Make it again."));

    private async Task<PublishedObject> PutAsync(byte[] bytes, bool damaged)
    {
        await _store.PutAsync(s_key, (stream, token) => stream.WriteAsync(bytes, token).AsTask(), Token);
        return new PublishedObject(s_key, Sha256Hex.Of(damaged ? [.. bytes, 0] : bytes), "Make it again.");
    }
}
