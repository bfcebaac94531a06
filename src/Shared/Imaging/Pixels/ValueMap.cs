using System.Runtime.InteropServices;

namespace ChangeDetection.Imaging.Pixels;

/// <summary>Maps values, little-endian, and makes of each the nearest one of the wanted type.</summary>
public sealed class ValueMap
{
    private readonly PixelType _from;
    private readonly PixelType _to;
    private readonly int _size;
    private readonly Func<double, double> _map;
    /// <summary>What whole numbers become, in bytes of the wanted type.</summary>
    private readonly byte[] _table;

    /// <param name="from">Of the values that are mapped.</param>
    /// <param name="to">The wanted type. Whole numbers are rounded, halves up, and end where the type ends.</param>
    /// <param name="map">From a value of the one to one of the other.</param>
    public ValueMap(PixelType from, PixelType to, Func<double, double> map)
    {
        (_from, _to, _map) = (from, to, map);
        _size = new ImageShape(1, 1, 1, to).BytesPerValue;
        var count = from switch { PixelType.UInt8 => byte.MaxValue + 1, PixelType.UInt16 => ushort.MaxValue + 1, _ => 0 };
        _table = new byte[count * _size];
        for (var value = 0; value < count; value++)
            Write(value, _table.AsSpan(value * _size));
    }

    /// <summary>The nearest value that a type has.</summary>
    public static double Nearest(PixelType type, double value) => type switch
    {
        PixelType.UInt8 => byte.CreateSaturating(Math.Floor(value + 0.5)),
        PixelType.UInt16 => ushort.CreateSaturating(Math.Floor(value + 0.5)),
        _ => (float)value,
    };

    /// <param name="values">Of the type to map.</param>
    /// <param name="target">Has room for as many of the wanted type.</param>
    public void Apply(ReadOnlySpan<byte> values, Span<byte> target)
    {
        switch (_from)
        {
            case PixelType.UInt8:
                for (var i = 0; i < values.Length; i++)
                    _table.AsSpan(values[i] * _size, _size).CopyTo(target[(i * _size)..]);
                break;
            case PixelType.UInt16:
                var numbers = MemoryMarshal.Cast<byte, ushort>(values);
                for (var i = 0; i < numbers.Length; i++)
                    _table.AsSpan(numbers[i] * _size, _size).CopyTo(target[(i * _size)..]);
                break;
            default:
                var reals = MemoryMarshal.Cast<byte, float>(values);
                for (var i = 0; i < reals.Length; i++)
                    Write(reals[i], target[(i * _size)..]);
                break;
        }
    }

    private void Write(double value, Span<byte> target)
    {
        var nearest = Nearest(_to, _map(value));
        switch (_to)
        {
            case PixelType.UInt8: target[0] = (byte)nearest; break;
            case PixelType.UInt16: MemoryMarshal.Write(target, (ushort)nearest); break;
            default: MemoryMarshal.Write(target, (float)nearest); break;
        }
    }
}
