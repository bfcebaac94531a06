using System.Buffers.Binary;
using System.Globalization;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tests.Rasters;

/// <summary>A kind of TIFF that GDAL writes.</summary>
/// <param name="Type">As GDAL calls it.</param>
/// <param name="Options">Creation options, and others that begin with <c>-</c>.</param>
/// <param name="Bits">Per value, where it is less than the type has: ours are widened to 255.</param>
/// <param name="Source">Null: values of the type in three bands.</param>
/// <param name="Channels">What ours come to.</param>
internal sealed record GdalCell(string Codec, string Type, IReadOnlyList<string> Options, int Bits = 8, string? Source = null, int Channels = 3)
{
    public const int Width = 70, Height = 50, Bands = 3;

    /// <summary>Types, and their numbers in the header of an ENVI file.</summary>
    public static IReadOnlyDictionary<string, (int Number, int Bytes)> Types { get; } = new Dictionary<string, (int, int)>
    {
        ["Byte"] = (1, 1), ["UInt16"] = (12, 2), ["Int16"] = (2, 2), ["UInt32"] = (13, 4), ["Int32"] = (3, 4),
        ["Float32"] = (4, 4), ["Float64"] = (5, 8),
    };

    public bool IsLossy => Codec is "JPEG" or "WEBP";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Codec} {Type} {string.Join(' ', Options)} {Source}");

    /// <summary>Every codec, tiled or striped, bands together or apart, with every predictor that there is for the type.</summary>
    public static IEnumerable<GdalCell> All()
    {
        foreach (var codec in (string[])["NONE", "LZW", "PACKBITS", "DEFLATE", "ZSTD", "LZMA", "LERC", "LERC_DEFLATE", "LERC_ZSTD", "JPEG", "WEBP"])
        {
            foreach (var type in Types.Keys.Where(type => type == "Byte" || codec is not ("JPEG" or "WEBP")))
            {
                foreach (var layout in Layouts())
                {
                    var predictors = codec is not ("LZW" or "DEFLATE" or "ZSTD") ? 1 : type.StartsWith("Float", StringComparison.Ordinal) ? 3 : 2;
                    for (var predictor = 1; predictor <= predictors; predictor++)
                        yield return new(codec, type, [$"COMPRESS={codec}", .. layout, .. predictor > 1 ? [$"PREDICTOR={predictor}"] : Array.Empty<string>()]);
                }
            }
        }
        foreach (var codec in (string[])["CCITTRLE", "CCITTFAX3", "CCITTFAX4", "DEFLATE", "ZSTD"])
        {
            foreach (var layout in Layouts())
            {
                foreach (var bits in codec[0] == 'C' ? [1] : new[] { 1, 2, 4 })
                    yield return new(codec, "Byte", [$"COMPRESS={codec}", $"NBITS={bits}", .. layout, "-b", "1"], bits, "bits", Channels: 1);
            }
        }
        foreach (var layout in Layouts())
        {
            yield return new("WEBP", "Byte", ["COMPRESS=WEBP", "WEBP_LOSSLESS=YES", .. layout]);
            yield return new("WEBP", "Byte", ["COMPRESS=WEBP", "WEBP_LOSSLESS=YES", .. layout, "ALPHA=YES", "PHOTOMETRIC=RGB"], 8, "four");
            yield return new("JPEG", "Byte", ["COMPRESS=JPEG", .. layout, "PHOTOMETRIC=YCBCR"]);
        }
        foreach (var codec in (string[])["LZW", "DEFLATE", "ZSTD"])
        {
            foreach (var layout in Layouts())
            {
                yield return new(codec, "Byte", [$"COMPRESS={codec}", .. layout], 8, "palette");
                yield return new(codec, "Byte", [$"COMPRESS={codec}", .. layout, "ALPHA=YES", "PHOTOMETRIC=RGB"], 8, "four");
                foreach (var (type, predictor) in (IEnumerable<(string, int)>)[("UInt16", 2), ("Float32", 2), ("Float32", 3), ("Int32", 1), ("UInt16", 1)])
                    yield return new(codec, type, [$"COMPRESS={codec}", .. layout, "ENDIANNESS=BIG", $"PREDICTOR={predictor}"]);
                yield return new(codec, "UInt16", [$"COMPRESS={codec}", .. layout, "ENDIANNESS=BIG", "BIGTIFF=YES"]);
                yield return new(codec, "UInt16", [$"COMPRESS={codec}", .. layout, "BIGTIFF=YES"]);
                yield return new(codec, "Int64", [$"COMPRESS={codec}", .. layout, "-ot", "Int64"], 8, "Int32");
                yield return new(codec, "UInt64", [$"COMPRESS={codec}", .. layout, "-ot", "UInt64"], 8, "UInt32");
                yield return new(codec, "Byte", [$"COMPRESS={codec}", .. layout, "SPARSE_OK=TRUE", "-a_nodata", "7"], 8, "holes");
            }
        }
    }

    /// <summary>A value of the source, made so that every number type holds it exactly.</summary>
    public static double Value(string type, int x, int y, int band) => type switch
    {
        "Byte" => (x * 3 + y * y + 50 * band + (x * y & 15)) % 256,
        "UInt16" => (x * 331 + y * 977 + 20_000 * band) % 65_536,
        "Int16" => (x * 331 + y * 977 + 9_000 * band) % 65_536 - 32_768,
        "UInt32" => (x * 100_003L + y * 300_007L + band * 77) % (1 << 24),
        "Int32" => (x * 100_003L + y * 300_007L + band * 77) % (1 << 24) - (1 << 23),
        _ => Math.Round(Math.Sin(x / 9.0) * Math.Cos(y / 7.0 + band) * 4096) / 64 - 3,
    };

    /// <summary>What a value that GDAL has read, raw, is here.</summary>
    public double Here(ReadOnlySpan<byte> raw) => Type switch
    {
        "Byte" => raw[0] * (Bits < 8 ? 255 / ((1 << Bits) - 1) : 1),
        "UInt16" => BinaryPrimitives.ReadUInt16LittleEndian(raw),
        "Int16" => BinaryPrimitives.ReadInt16LittleEndian(raw),
        "UInt32" => BinaryPrimitives.ReadUInt32LittleEndian(raw),
        "Int32" => BinaryPrimitives.ReadInt32LittleEndian(raw),
        "Float32" => BinaryPrimitives.ReadSingleLittleEndian(raw),
        _ => throw new InvalidOperationException($"{Type} is not read."),
    };

    public PixelType TypeHere => Type switch { "Byte" => PixelType.UInt8, "UInt16" => PixelType.UInt16, _ => PixelType.Float32 };

    private static IEnumerable<string[]> Layouts()
    {
        foreach (var interleave in (string[])["INTERLEAVE=PIXEL", "INTERLEAVE=BAND"])
        {
            yield return [interleave, "TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=16"];
            yield return [interleave, "BLOCKYSIZE=16"];
        }
    }
}
