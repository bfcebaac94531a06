using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>The directory of a TIFF whose bands lie apart, rewritten so that it speaks of one band.</summary>
internal readonly ref struct TiffBandDirectory(TiffDirectory directory, int bands, string name)
{
    /// <summary>Between the tags that are read: no reader knows it.</summary>
    private const int UnknownTag = 337;

    private readonly TiffDirectory _directory = directory;

    /// <summary>Bytes of the new directory, with the place of the next one, of which there is none.</summary>
    public int Length => _directory.Bytes.Length + _directory.Layout.PointerBytes;

    /// <summary>Makes a place in the file that of its first directory.</summary>
    public void WritePlace(Span<byte> file, int at) => Layout.Write(file[(Layout.IsBig ? 8 : 4)..], (ulong)at, Layout.PointerBytes);

    /// <param name="file">The whole file.</param>
    /// <param name="band">From 0.</param>
    /// <param name="target">Gets the directory.</param>
    /// <exception cref="ImageException">The file does not list strips or tiles for each band.</exception>
    public void Write(ReadOnlySpan<byte> file, int band, Span<byte> target)
    {
        _directory.Bytes.CopyTo(target);
        for (var i = 0; i < _directory.Count; i++)
            WriteEntry(file, band, _directory.Entry(i), target.Slice(Layout.HeadBytes + i * Layout.EntryBytes, Layout.EntryBytes));
    }

    private TiffLayout Layout => _directory.Layout;

    private void WriteEntry(ReadOnlySpan<byte> file, int band, TiffEntry entry, Span<byte> target)
    {
        switch (entry.Tag)
        {
            case TiffTag.SamplesPerPixel or TiffTag.PlanarConfiguration:
                WriteShort(target, 1);
                break;
            case TiffTag.Photometric or TiffTag.ExtraSamples when bands == 1:
                break;
            case TiffTag.Photometric when _directory.Number(TiffTag.Photometric, 0) == TiffFormat.YCbCr:
                throw ImageException.Unsupported(name, "a TIFF of YCbCr colours in separate planes");
            case TiffTag.Photometric:
                WriteShort(target, _directory.Number(TiffTag.Photometric, 1) == 0 ? 0 : TiffFormat.BlackIsZero);
                break;
            case TiffTag.BitsPerSample or TiffTag.SampleFormat:
                WriteShort(target, _directory.Number(entry.Tag, 1));
                break;
            case TiffTag.ExtraSamples:
                // A tag of nobody's in its place: an entry cannot be taken out without moving the others.
                WriteShort(target, 0);
                Layout.Write(target, UnknownTag, 2);
                break;
            case TiffTag.StripOffsets or TiffTag.StripByteCounts or TiffTag.TileOffsets or TiffTag.TileByteCounts:
                if (!TryWriteSlice(file, entry, band, target))
                {
                    var blocks = entry.Tag is TiffTag.StripOffsets or TiffTag.StripByteCounts ? "strips" : "tiles";
                    throw ImageException.Damaged(name, $"the TIFF's list of {blocks} is not one for each of its bands");
                }
                break;
        }
    }

    /// <summary>Makes an entry one SHORT, in its own place.</summary>
    private void WriteShort(Span<byte> entry, long value)
    {
        Layout.Write(entry[2..], TiffEntry.Short, 2);
        Layout.Write(entry[4..], 1, Layout.PointerBytes);
        entry[(4 + Layout.PointerBytes)..].Clear();
        Layout.Write(entry[(4 + Layout.PointerBytes)..], (ulong)value, 2);
    }

    /// <summary>Makes an entry that lists something for each band the list of one band: that part of the same numbers.</summary>
    /// <returns>False where there is no equal part for each band, or the list lies outside the file.</returns>
    private bool TryWriteSlice(ReadOnlySpan<byte> file, TiffEntry entry, int band, Span<byte> target)
    {
        var size = entry.Type is TiffEntry.Short or 4 or 16 ? entry.ValueBytes : 0;
        if (size == 0 || entry.Count <= 0 || entry.Count % bands != 0 || entry.Count > file.Length / size)
            return false;
        if (entry.Place < 0 || entry.Place > file.Length - entry.Bytes)
            return false;
        var part = (int)(entry.Count / bands);
        var first = (int)entry.Place + part * band * size;
        var values = target[(4 + Layout.PointerBytes)..];
        Layout.Write(target[4..], (ulong)part, Layout.PointerBytes);
        values.Clear();
        if (part * size > Layout.PointerBytes)
            Layout.Write(values, (ulong)first, Layout.PointerBytes);
        else
            file.Slice(first, part * size).CopyTo(values);
        return true;
    }
}
