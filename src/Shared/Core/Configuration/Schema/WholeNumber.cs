using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>A whole number between two bounds, both allowed. As in JSON Schema, <c>50.0</c> and <c>5e1</c> are whole.</summary>
internal sealed class WholeNumber<T>(T min, T max) : ConfigType<T> where T : struct, IBinaryInteger<T>
{
    public override string Rule => min == max ? $"{min}" : $"a whole number from {min} to {max}";

    protected override bool TryReadValue(ConfigNode node, string path, ReadScope scope, out T value)
    {
        value = default;
        if (node is not ScalarNode { Kind: ScalarKind.Number } scalar)
            return Reject(node, path, scope, Quoting.Unquote(node));
        // Every bound lies within ±2^53, where a double holds whole numbers exactly.
        var number = double.Parse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsInteger(number) || number < double.CreateChecked(min) || number > double.CreateChecked(max))
            return Reject(node, path, scope);
        value = T.CreateChecked(number);
        return true;
    }

    public override void Write(Utf8JsonWriter json, T value, JsonForm form) => json.WriteNumberValue(long.CreateChecked(value));

    public override JsonObject Describe() => new()
    {
        ["type"] = "integer",
        ["minimum"] = long.CreateChecked(min),
        ["maximum"] = long.CreateChecked(max),
    };
}
