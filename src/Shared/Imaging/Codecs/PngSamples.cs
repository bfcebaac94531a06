using System.Buffers.Binary;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// The samples of a PNG as it stores them, of any kind: alpha is a channel, an index of a palette is a value, 1, 2 and 4 bits are not widened. For what
/// <see cref="PngDecoder"/>, which makes images for training, throws away.
/// </summary>
/// <param name="Values">[height, width, stored channels]: a byte each, and two, little-endian, of 16 bits.</param>
/// <param name="Palette">Red, green and blue by index; empty where there is none.</param>
/// <param name="Transparency">
/// What the chunk tRNS holds: alpha by index of a palette, or the one grey or colour that is transparent, two bytes a channel. Empty where there is none.
/// </param>
internal sealed record PngSamples(PngHeader Header, byte[] Values, byte[] Palette, byte[] Transparency)
{
    /// <summary>Of one value.</summary>
    public int ValueBytes => Header.BitDepth == 16 ? 2 : 1;

    /// <summary>Decodes a file whose size was checked against limits before.</summary>
    /// <exception cref="ImageException">The file is truncated or damaged, or names a colour beyond its palette.</exception>
    public static PngSamples Decode(ReadOnlyMemory<byte> file, string name)
    {
        var header = PngHeader.Read(file.Span, name);
        var (palette, transparency) = (Array.Empty<byte>(), Array.Empty<byte>());
        var data = new MemoryStream(file.Length);
        var chunks = new PngChunks(file, name);
        for (chunks.Next(); chunks.Type != PngChunks.End; chunks.Next())
        {
            if (chunks.Type == PngChunks.ImageData)
                data.Write(chunks.Data.Span);
            else if (chunks.Type == PngChunks.Palette)
                palette = chunks.Data.ToArray();
            else if (chunks.Type == PngChunks.Transparency)
                transparency = chunks.IsSound ? chunks.Data.ToArray() : throw ImageException.Damaged(name, "the CRC of the PNG chunk 'tRNS' does not match");
            else if (chunks.IsCritical && chunks.Type != PngChunks.Header)
                throw ImageException.Damaged(name, $"the PNG has a chunk '{chunks.TypeName}'");
        }
        if (header.Color == PngColor.Palette && (palette.Length is 0 or > 768 || palette.Length % 3 != 0))
            throw ImageException.Damaged(name, $"the PNG's palette has {palette.Length} bytes");
        var samples = new PngSamples(header, new byte[checked(header.Width * header.Height * header.StoredChannels * (header.BitDepth == 16 ? 2 : 1))],
            header.Color == PngColor.Palette ? palette : [], transparency);
        using (var rows = new Rows(samples, name))
            rows.Inflate(data.GetBuffer(), (int)data.Length);
        if (header.Color == PngColor.Palette && samples.Values.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(palette.Length / 3 - 1)) is >= 0 and var at)
            throw ImageException.Damaged(name, $"row {at / header.Width} of the PNG names a colour beyond its palette of {palette.Length / 3}");
        return samples;
    }

    private void Place(ReadOnlySpan<byte> row, PngPass pass, int top)
    {
        var (columns, channels, size) = (pass.Columns(Header.Width), Header.StoredChannels, ValueBytes);
        for (var x = 0; x < columns; x++)
        {
            var to = Values.AsSpan((top * Header.Width + pass.Left + x * pass.Across) * channels * size, channels * size);
            if (Header.BitDepth < 8)
                to[0] = (byte)PngRow.Packed(row, x, Header.BitDepth);
            else if (size == 1)
                row.Slice(x * channels, channels).CopyTo(to);
            else
            {
                for (var at = 0; at < to.Length; at += 2)
                    BinaryPrimitives.WriteUInt16LittleEndian(to[at..], BinaryPrimitives.ReadUInt16BigEndian(row[(x * to.Length + at)..]));
            }
        }
    }

    private sealed class Rows(PngSamples samples, string name) : PngRowSink(samples.Header, name)
    {
        protected override void Take(ReadOnlySpan<byte> row, PngPass pass, int top) => samples.Place(row, pass, top);
    }
}
