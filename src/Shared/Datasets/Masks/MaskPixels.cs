using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Masks;

/// <summary>One value for each pixel of a mask: that of its only channel, of a chosen one, its index in a palette, or its colour.</summary>
internal readonly struct MaskPixels
{
    private const int Red = 1 << 16, Green = 1 << 8;

    /// <summary>A grey level times this is its colour.</summary>
    public const int Grey = Red + Green + 1;

    private readonly MaskImage _mask;
    private readonly bool _isColour;
    private readonly bool _isGreyPalette;
    private readonly bool _mustBeEqual;
    private readonly int _channel;
    private readonly string _name;

    /// <exception cref="ImageException">The mask has no such values.</exception>
    public MaskPixels(MaskImage mask, MaskUnit unit, int? band, string name)
    {
        if (Refusal(mask, unit, band) is { } refusal)
            throw Refused(name, refusal);
        (_mask, _name, _isColour, _channel) = (mask, name, unit == MaskUnit.Colour, (band ?? 1) - 1);
        _isGreyPalette = unit == MaskUnit.Number && band is null && mask.Palette is not null;
        _mustBeEqual = unit == MaskUnit.Number && band is null && Colours(mask) > 1;
    }

    /// <summary>Channels that hold colour or values: alpha is none of them unless it is chosen by its number.</summary>
    public static int Colours(MaskImage mask) => mask.Channels - (mask.HasAlpha ? 1 : 0);

    /// <summary>Why a mask cannot be read so; null where it can.</summary>
    public static string? Refusal(MaskImage mask, MaskUnit unit, int? band)
    {
        if (band is { } number)
            return number <= mask.Channels ? null
                : string.Create(CultureInfo.InvariantCulture, $"a mask of {mask.Channels} channels, of which the {number}. is to be read");
        return unit switch
        {
            MaskUnit.Colour when mask.Palette is null && Colours(mask) is not (1 or 3) =>
                string.Create(CultureInfo.InvariantCulture, $"a mask of {mask.Channels} channels, which are no colours"),
            MaskUnit.Index when mask.Palette is null => "a mask without a palette, while those before it have one",
            MaskUnit.Number when mask.Palette is { } palette && !IsGrey(palette) => "a mask with a palette, while those before it have none",
            _ => null,
        };
    }

    public static ImageException Refused(string name, string what) => new(
        name, ImageFault.Unsupported, what, "Correct the mask, or what is said of masks (--mask-change, --class, --mask-ignore, --mask-band)");

    public static bool IsGrey(IReadOnlyList<int> palette) => palette.All(colour => colour % Grey == 0);

    /// <exception cref="ImageException">The pixel's channels differ where they are read as one, or hold no colour of 8 bits.</exception>
    public long this[int pixel]
    {
        get
        {
            if (_isColour)
                return Colour(pixel);
            var value = _mask[pixel * _mask.Channels + _channel];
            if (_isGreyPalette)
                return _mask.Palette![(int)value] / Grey;
            if (_mustBeEqual && !IsEqual(pixel, value))
                throw Refused(_name, "a mask of several unlike channels, while those before it have equal ones");
            return value;
        }
    }

    private bool IsEqual(int pixel, long value)
    {
        for (var channel = 1; channel < Colours(_mask); channel++)
        {
            if (_mask[pixel * _mask.Channels + channel] != value)
                return false;
        }
        return true;
    }

    private long Colour(int pixel)
    {
        var first = pixel * _mask.Channels;
        if (_mask.Palette is { } palette)
            return palette[(int)_mask[first]];
        return Colours(_mask) == 1 ? Level(first) * Grey : Level(first) * Red + Level(first + 1) * Green + Level(first + 2);
    }

    private long Level(int at) => _mask[at] is >= 0 and <= byte.MaxValue and var level
        ? level
        : throw Refused(_name, $"a mask with the level {_mask[at]}, while {MaskRule.Colour(0)} and other colours have 8 bits");
}
