using System.IO.Hashing;
using ChangeDetection.Core.Storage;
using ChangeDetection.Core.Storage.Remote;
using ChangeDetection.TestKit.Objects;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Storage;

/// <summary>Objects of which nobody holds more than a part.</summary>
[Needs(Resource.Processes, Resource.StorageServer)]
public sealed class LargeObjectTests(S3Server s3, AzuriteServer azurite)
{
    private const long MiB = 1 << 20;
    private const long GiB = 1 << 30;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void PartSizes_OfTheLargestObject_SufficeAndKeepS3sLimits()
    {
        var sizes = Enumerable.Range(1, PartSizes.MaxParts).Select(number => (long)PartSizes.Of(number)).ToList();
        Assert.True(sizes.Sum() >= 5L << 40);
        Assert.All(sizes, size => Assert.InRange(size, 5 * MiB, 5 * GiB));
        Assert.Equal(sizes.Order(), sizes);
        Assert.All(sizes.Take(800), size => Assert.Equal(8 * MiB, size));
    }

    [Theory]
    [InlineData(FaultyLine.S3, 48)]
    [InlineData(FaultyLine.Azure, 48)]
    public Task Put_ManyParts_ReadsBackTheSameBytesInBoundedMemory(string backend, int mebibytes) => PutAndReadAsync(backend, mebibytes * MiB, s3, azurite);

    internal static async Task PutAndReadAsync(string backend, long length, S3Server s3, AzuriteServer azurite)
    {
        await using var line = await FaultyLine.OpenOrSkipAsync(backend, new StorageSettings(), s3, azurite);
        var key = new ObjectKey("large");
        var store = backend == FaultyLine.Http ? line.Direct : line.Store;
        await store.PutAsync(key, (stream, token) => GenerateAsync(stream, length, token), Token);
        Assert.Equal(length, await line.Store.LengthAsync(key, Token));

        Assert.Equal(await HashAsync(new GeneratedBytes(length)), await HashAsync(await line.Store.OpenReadAsync(key, 0, null, Token)));
        // The last bytes by a range far behind 4 GiB.
        var tail = new byte[1000];
        await using (var stream = await line.Store.OpenReadAsync(key, length - tail.Length, tail.Length, Token))
            await stream.ReadExactlyAsync(tail, Token);
        Assert.Equal(Enumerable.Range(0, tail.Length).Select(index => GeneratedBytes.At(length - tail.Length + index)), tail);
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) < 200 * MiB);
        await store.DeleteAsync(key, Token);
    }

    private static Task GenerateAsync(Stream target, long length, CancellationToken cancellationToken) =>
        new GeneratedBytes(length).CopyToAsync(target, cancellationToken);

    private static async Task<ulong> HashAsync(Stream stream)
    {
        await using (stream)
        {
            var hash = new XxHash3();
            await hash.AppendAsync(stream, Token);
            return hash.GetCurrentHashAsUInt64();
        }
    }

    /// <summary>Bytes that are made as they are read.</summary>
    private sealed class GeneratedBytes(long length) : Stream
    {
        private const int Period = 1_000_003;
        private static readonly byte[] s_pattern = Pattern();
        private long _position;

        public static byte At(long position) => s_pattern[position % Period];

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var start = (int)(_position % Period);
            var read = (int)Math.Min(Math.Min(count, Period - start), length - _position);
            s_pattern.AsSpan(start, read).CopyTo(buffer.AsSpan(offset, read));
            _position += read;
            return read;
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private static byte[] Pattern()
        {
            var bytes = new byte[Period];
            new Random(1).NextBytes(bytes);
            return bytes;
        }
    }
}
