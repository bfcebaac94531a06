using ChangeDetection.Imaging.Masks;

namespace ChangeDetection.Datasets.Masks;

/// <summary>How <c>dataset.json</c> writes what a value of a mask is.</summary>
internal static class MaskUnits
{
    private static readonly (MaskUnit Unit, string Name)[] s_names = [(MaskUnit.Number, "number"), (MaskUnit.Colour, "colour"), (MaskUnit.Index, "index")];

    public static string Name(MaskUnit unit) => s_names.First(one => one.Unit == unit).Name;

    public static MaskUnit? Parse(string name) => Array.Find(s_names, one => one.Name == name) is { Name: not null } found ? found.Unit : null;
}
