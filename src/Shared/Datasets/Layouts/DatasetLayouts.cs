namespace ChangeDetection.Datasets.Layouts;

/// <summary>The catalogue of layouts.</summary>
public static class DatasetLayouts
{
    public static IReadOnlyList<IDatasetLayout> All { get; } =
    [
        new AbLabelLayout(),
        new AirChangeLayout(),
        new OscdLayout(),
        new SysuLayout(),
    ];

    /// <param name="bands">How many bands of each date are taken, where the layout has a choice; null for its usual number.</param>
    /// <exception cref="PackRequestException">There is no such layout, or it has no such choice of bands.</exception>
    public static IDatasetLayout Find(string name, int? bands = null)
    {
        var layout = All.FirstOrDefault(layout => layout.Name == name)
            ?? throw new PackRequestException($"There is no layout '{name}'. There are: {string.Join(", ", All.Select(layout => layout.Name))}.");
        if (bands is not { } count)
            return layout;
        if (layout is not OscdLayout)
            throw new PackRequestException(
                $"--bands {count} chooses among the bands of the layout '{OscdLayout.LayoutName}'; images of '{name}' are packed with all of " +
                "theirs. Leave it out.");
        return SentinelBands.Counts.Contains(count)
            ? new OscdLayout(count)
            : throw new PackRequestException($"--bands {count}: the layout '{name}' is packed with {string.Join(", ", SentinelBands.Counts)} bands.");
    }
}
