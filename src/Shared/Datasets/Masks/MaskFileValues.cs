using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Masks;

namespace ChangeDetection.Datasets.Masks;

/// <summary>How many pixels of one mask have each value, by each way to read it. The mask may come in parts, such as some rows at a time.</summary>
/// <param name="kind">Any part of it.</param>
internal sealed class MaskFileValues(MaskImage kind)
{
    private readonly Dictionary<long, long>[] _channels = [.. Enumerable.Range(0, kind.Channels).Select(_ => new Dictionary<long, long>())];
    private readonly Dictionary<long, long> _colours = [];
    private readonly bool _hasColours = kind.Palette is null && MaskPixels.Colours(kind) == 3;
    private bool _isBeyondBytes;

    /// <summary>Pixels by value of each channel, alpha's too; indices of a palette.</summary>
    public IReadOnlyList<Dictionary<long, long>> Channels => _channels;

    /// <summary>Pixels by colour; null where the mask has no three channels of 8 bits.</summary>
    public IReadOnlyDictionary<long, long>? Colours => _hasColours && !_isBeyondBytes ? _colours : null;

    /// <summary>Whether all channels but alpha are equal at every pixel.</summary>
    public bool HasEqualChannels { get; private set; } = true;

    public IReadOnlyList<int>? Palette => kind.Palette;

    public bool HasAlpha => kind.HasAlpha;

    public bool IsLossy => kind.IsLossy;

    public bool IsOneBit => kind.IsOneBit;

    public long? NoData => kind.NoData;

    /// <exception cref="Imaging.Pixels.ImageException">The mask is of another kind than its parts before.</exception>
    public void Add(MaskImage part, string file)
    {
        var pixels = part.Width * part.Height;
        if (part.Bytes is { } bytes && part.Channels == 1)
        {
            Add(bytes.AsSpan(0, pixels));
            return;
        }
        var colours = MaskPixels.Colours(part);
        for (var pixel = 0; pixel < pixels; pixel++)
        {
            // NaN: unlabelled, whatever the rule.
            if (part.IsMissing(pixel))
                continue;
            var first = part[pixel * part.Channels];
            for (var channel = 0; channel < part.Channels; channel++)
            {
                var value = part[pixel * part.Channels + channel];
                CollectionsMarshal.GetValueRefOrAddDefault(_channels[channel], value, out _)++;
                HasEqualChannels &= channel >= colours || value == first;
                _isBeyondBytes |= value is < 0 or > byte.MaxValue;
            }
        }
        if (!_hasColours || _isBeyondBytes)
            return;
        var values = new MaskPixels(part, MaskUnit.Colour, band: null, file);
        for (var pixel = 0; pixel < pixels; pixel++)
            CollectionsMarshal.GetValueRefOrAddDefault(_colours, values[pixel], out _)++;
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        Span<long> counts = stackalloc long[byte.MaxValue + 1];
        counts.Clear();
        foreach (var value in bytes)
            counts[value]++;
        for (var value = 0; value < counts.Length; value++)
        {
            if (counts[value] > 0)
                CollectionsMarshal.GetValueRefOrAddDefault(_channels[0], value, out _) += counts[value];
        }
    }
}
