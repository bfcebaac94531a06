using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>A finite number in an interval; each end is part of it or not. Written in the shortest form that reads back to the same bits.</summary>
internal sealed class RealNumber : ConfigType<double>
{
    private readonly double _min;
    private readonly double _max;
    private readonly bool _withMin;
    private readonly bool _withMax;

    private RealNumber(double min, double max, bool withMin, bool withMax) => (_min, _max, _withMin, _withMax) = (min, max, withMin, withMax);

    /// <summary>[min, max]</summary>
    public static RealNumber Between(double min, double max) => new(min, max, true, true);

    /// <summary>(min, max]</summary>
    public static RealNumber Above(double min, double max) => new(min, max, false, true);

    /// <summary>[min, max)</summary>
    public static RealNumber Below(double min, double max) => new(min, max, true, false);

    public override string Rule => (_withMin, _withMax) switch
    {
        (true, true) => $"a number from {_min} to {_max}",
        (false, _) => $"a number above {_min} and at most {_max}",
        _ => $"a number from {_min} to below {_max}",
    };

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, out double value)
    {
        value = 0;
        if (node is not ScalarNode { Kind: ScalarKind.Number } scalar)
            return Reject(node, path, scope, Quoting.Unquote(node));
        // Too large a number parses as infinity, which no interval holds; adding 0 makes one zero of the two.
        value = double.Parse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture) + 0.0;
        var inside = (_withMin ? value >= _min : value > _min) && (_withMax ? value <= _max : value < _max);
        return inside || Reject(node, path, scope);
    }

    public override void Write(Utf8JsonWriter json, double value, JsonForm form) => json.WriteNumberValue(value);

    public override JsonObject Describe() => new()
    {
        ["type"] = "number",
        [_withMin ? "minimum" : "exclusiveMinimum"] = _min,
        [_withMax ? "maximum" : "exclusiveMaximum"] = _max,
    };
}
