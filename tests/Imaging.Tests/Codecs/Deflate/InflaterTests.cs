using System.IO.Compression;
using ChangeDetection.Imaging.Codecs.Deflate;
using CsCheck;

namespace ChangeDetection.Imaging.Tests.Codecs.Deflate;

/// <summary>Our decompressor against the platform's, on streams that are sound and on streams that are not.</summary>
public sealed class InflaterTests
{
    private const string Seed = "0N0XIzNsQ0O2";

    /// <summary>More than the platform reads ahead.</summary>
    private const int Noise = 20_000;

    /// <summary>Noise of any width, runs, repetitions near and far: what leads to literals, matches of every distance, stored and fixed blocks.</summary>
    private static readonly Gen<byte[]> s_data =
        from length in Gen.OneOf(Gen.Int[1, 40], Gen.Int[1, 5000], Gen.Int[30_000, 200_000])
        from kind in Gen.Int[0, 4]
        from spread in Gen.Int[1, 256]
        from seed in Gen.Int
        select Data(length, kind, spread, seed);

    private static readonly Gen<CompressionLevel> s_level = Gen.Enum<CompressionLevel>();

    [Fact]
    public void Fill_AnyStream_GivesWhatWasCompressed() => Gen.Select(s_data, s_level, Gen.Int[1, 70_000]).Sample((data, level, step) =>
    {
        var (output, problem) = Inflate(Compress(data, level), data.Length + 10, step);
        Assert.Null(problem);
        Assert.Equal(data, output);
    }, iter: 300, seed: Seed, threads: 1);

    [Fact]
    public void Fill_DamagedStream_FailsOrGivesWhatThePlatformGives()
        => Gen.Select(s_data, s_level, Gen.Select(Gen.Double[0, 1], Gen.Byte).Array[0, 4], Gen.Double[0, 1.5]).Sample((data, level, changes, cut) =>
        {
            var stream = Compress(data, level);
            foreach (var (at, value) in changes)
                stream[2 + (int)(at * (stream.Length - 3))] ^= value;
            // What is not cut is followed by noise: then both come upon the same bits, and neither upon the end.
            stream = cut < 1 ? stream[..Math.Max(2, (int)(cut * stream.Length))] : [.. stream, .. Data(Noise, 0, 256, seed: 1)];

            var (output, problem) = Inflate(stream, 400_000, 50_000);
            var (expected, failed) = InflateByPlatform(stream, 400_000);
            var common = Math.Min(output.Length, expected.Length);
            Assert.Equal(expected.AsSpan(0, common), output.AsSpan(0, common));
            if (problem is null)
                Assert.Equal(expected.Length, output.Length);
            else
                Assert.True(failed, problem.Message);
        }, iter: 1500, seed: Seed, threads: 1);

    [Fact]
    public void Fill_AnyBytes_EndsOrFails() => Gen.Byte.Array[0, 300].Sample(bytes =>
    {
        byte[] stream = [0x78, 0x9C, .. bytes];
        var (output, problem) = Inflate(stream, 100_000, 100_000);
        var (expected, _) = InflateByPlatform(stream, 100_000);
        if (problem is null)
            Assert.Equal(expected, output);
    }, iter: 5000, seed: Seed, threads: 1);

    [Theory]
    [InlineData("")]
    [InlineData("78")]
    [InlineData("7801")]
    [InlineData("789D0300")]
    [InlineData("78BB0300")]
    [InlineData("799C0300")]
    public void Stream_ThatIsNone_IsRefused(string hex)
        => Assert.IsType<InvalidDataException>(Inflate(Convert.FromHexString(hex), 10, 10).Problem);

    /// <summary>As PNG does it: a window that slides, so much at a time. Whatever is written beyond what is asked for stays within the slack.</summary>
    private static (byte[] Output, InvalidDataException? Problem) Inflate(byte[] stream, int most, int step)
    {
        var output = new List<byte>();
        var buffer = new byte[Inflater.Window + step + Inflater.Slack];
        try
        {
            var inflater = new Inflater();
            inflater.Begin(stream, stream.Length);
            for (int start = 0, end = 0; output.Count < most;)
            {
                var kept = Math.Min(start, Inflater.Window);
                buffer.AsSpan(start - kept, end - start + kept).CopyTo(buffer);
                (start, end) = (kept, end - start + kept);
                var wanted = start + Math.Min(step, most - output.Count);
                end = Math.Max(end, inflater.Fill(buffer, end, wanted));
                output.AddRange(buffer.AsSpan(start, Math.Min(end - start, most - output.Count)));
                if (end < wanted)
                    break;
                start = end;
            }
            return ([.. output], null);
        }
        catch (InvalidDataException exception)
        {
            return ([.. output], exception);
        }
    }

    /// <summary>The platform says nothing when a stream is cut short: that all of it was taken counts as failed.</summary>
    private static (byte[] Output, bool Failed) InflateByPlatform(byte[] stream, int most)
    {
        var (input, output) = (new MemoryStream(stream, 2, stream.Length - 2), new MemoryStream());
        try
        {
            using var inflated = new DeflateStream(input, CompressionMode.Decompress, leaveOpen: true);
            var piece = new byte[1000];
            while (output.Length < most && inflated.Read(piece, 0, (int)Math.Min(piece.Length, most - output.Length)) is > 0 and var read)
                output.Write(piece, 0, read);
            return (output.ToArray(), output.Length < most && input.Position == input.Length);
        }
        catch (InvalidDataException)
        {
            return (output.ToArray(), true);
        }
    }

    private static byte[] Compress(byte[] data, CompressionLevel level)
    {
        var stream = new MemoryStream();
        using (var compressing = new ZLibStream(stream, level, leaveOpen: true))
            compressing.Write(data);
        return stream.ToArray();
    }

    private static byte[] Data(int length, int kind, int spread, int seed)
    {
        var random = new Random(seed);
        var data = new byte[length];
        for (var at = 0; at < length; at++)
        {
            data[at] = kind switch
            {
                0 => (byte)random.Next(spread),
                // As a filtered photograph: small differences, either way.
                1 => (byte)(random.Next(spread / 4 + 1) - random.Next(spread / 4 + 1)),
                2 => at > spread && random.Next(100) > 3 ? data[at - spread] : (byte)random.Next(256),
                3 => at > 32_000 && random.Next(50) > 0 ? data[at - 32_000 + spread] : (byte)random.Next(256),
                _ => (byte)(at / (spread * 10) % 5),
            };
        }
        return data;
    }
}
