using ChangeDetection.Core.Storage;
using CsCheck;

namespace ChangeDetection.Core.Tests.Storage;

public sealed class OneWayStreamTests
{
    /// <summary>Streams over some bytes that are to give these bytes.</summary>
    private static readonly Func<byte[], Stream>[] s_readers =
    [
        bytes => new AsynchronousReader(bytes),
        bytes => new RangeStream(new MemoryStream([.. bytes, 1, 2, 3]), bytes.Length),
    ];

    [Fact]
    public void Read_ByAnyMember_GivesTheSameBytes() =>
        Gen.Select(Gen.Int[0, s_readers.Length - 1], Gen.Byte.Array[0, 200], Gen.Select(Gen.Int[0, 4], Gen.Int[1, 40]).Array[1, 20])
            .Sample((reader, bytes, steps) =>
        {
            using var stream = s_readers[reader](bytes);
            var read = new List<byte>();
            for (var step = 0; ; step++)
            {
                var (member, size) = steps[step % steps.Length];
                var piece = Read(stream, member, size);
                if (piece.Length == 0)
                    break;
                read.AddRange(piece);
            }
            Assert.Equal(bytes, read);
        });

    [Fact]
    public void Write_ByAnyMember_WritesTheSameBytes() =>
        Gen.Select(Gen.Bool, Gen.Select(Gen.Int[0, 4], Gen.Byte.Array[1, 40]).Array[0, 20]).Sample((hashing, pieces) =>
        {
            var target = new MemoryStream();
            using Stream stream = hashing ? new HashingStream(target) : new AsynchronousWriter(target);
            foreach (var (member, piece) in pieces)
                Write(stream, member, piece);
            Assert.Equal(pieces.SelectMany(piece => piece.Item1 == 4 ? piece.Item2[..1] : piece.Item2), target.ToArray());
        });

    [Fact]
    public async Task OtherDirection_AndSeeking_AreRefused()
    {
        using var reader = new AsynchronousReader([1]);
        using var writer = new AsynchronousWriter(new MemoryStream());
        Assert.Equal((true, false, false), (reader.CanRead, reader.CanWrite, reader.CanSeek));
        Assert.Equal((false, true, false), (writer.CanRead, writer.CanWrite, writer.CanSeek));
        Assert.Throws<NotSupportedException>(() => reader.Write([1]));
        Assert.Throws<NotSupportedException>(() => writer.ReadByte());
        await Assert.ThrowsAsync<NotSupportedException>(async () => await reader.WriteAsync(new byte[1]));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await writer.ReadExactlyAsync(new byte[1]));
        Assert.All<Stream>([reader, writer], stream =>
        {
            Assert.Throws<NotSupportedException>(() => stream.Length);
            Assert.Throws<NotSupportedException>(() => stream.Position);
            Assert.Throws<NotSupportedException>(() => stream.Position = 0);
            Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
            Assert.Throws<NotSupportedException>(() => stream.SetLength(0));
        });
    }

    private static byte[] Read(Stream stream, int member, int size)
    {
        var buffer = new byte[size + 2];
        var read = member switch
        {
            0 => stream.Read(buffer, 1, size),
            1 => stream.Read(buffer.AsSpan(1, size)),
            2 => stream.ReadAsync(buffer, 1, size).Result,
            3 => stream.ReadAsync(buffer.AsMemory(1, size)).AsTask().Result,
            _ => stream.ReadByte() is >= 0 and var one ? (buffer[1] = (byte)one) * 0 + 1 : 0,
        };
        Assert.Equal((0, 0), (buffer[0], buffer[read + 1]));
        return buffer[1..(read + 1)];
    }

    private static void Write(Stream stream, int member, byte[] piece)
    {
        byte[] buffer = [0, .. piece, 0];
        switch (member)
        {
            case 0:
                stream.Write(buffer, 1, piece.Length);
                break;
            case 1:
                stream.Write(piece);
                break;
            case 2:
                stream.WriteAsync(buffer, 1, piece.Length).Wait();
                break;
            case 3:
                stream.WriteAsync(piece.AsMemory()).AsTask().Wait();
                break;
            default:
                stream.WriteByte(piece[0]);
                break;
        }
    }

    private sealed class AsynchronousReader(byte[] bytes) : OneWayStream
    {
        private readonly MemoryStream _inner = new(bytes);

        public override bool CanRead => true;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return _inner.Read(buffer.Span);
        }
    }

    private sealed class AsynchronousWriter(MemoryStream inner) : OneWayStream
    {
        public override bool CanWrite => true;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            inner.Write(buffer.Span);
        }
    }
}
