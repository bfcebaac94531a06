using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Scheduler.Tests.Cli;

/// <summary>What may be wrong with an image file.</summary>
internal static class BadImages
{
    /// <summary>A mask of the same size without change.</summary>
    public static void ClearMask(string path)
    {
        var shape = ImageCodec.Probe(File.ReadAllBytes(path), path);
        File.WriteAllBytes(path, PngEncoder.Encode(new PixelImage(shape, new byte[shape.Bytes])));
    }

    /// <summary>The upper left corner alone.</summary>
    public static void Shrink(string path, int size)
    {
        var shape = ImageCodec.Probe(File.ReadAllBytes(path), path) with { Width = size, Height = size };
        File.WriteAllBytes(path, PngEncoder.Encode(new PixelImage(shape, new byte[shape.Bytes])));
    }

    /// <summary>The first half of the file.</summary>
    public static void Truncate(string path)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(file.Length / 2);
    }

    /// <summary>A sound PNG of some hundred bytes whose header declares 50,000 x 50,000 pixels.</summary>
    public static void MakeBomb(string path)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, 50_000);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), 50_000);
        (header[8], header[9]) = (8, 2);
        using var file = File.Create(path);
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        WriteChunk(file, "IHDR", header);
        WriteChunk(file, "IDAT", new byte[64]);
        WriteChunk(file, "IEND", []);
    }

    private static void WriteChunk(Stream file, string type, byte[] data)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(body));
        file.Write(number);
    }
}
