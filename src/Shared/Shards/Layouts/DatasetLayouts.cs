namespace ChangeDetection.Shards.Layouts;

/// <summary>The catalogue of layouts.</summary>
public static class DatasetLayouts
{
    public static IReadOnlyList<IDatasetLayout> All { get; } =
    [
        new AbLabelLayout(),
        new AirChangeLayout(),
        new SysuLayout(),
    ];

    /// <exception cref="PackRequestException">There is no such layout.</exception>
    public static IDatasetLayout Find(string name) =>
        All.FirstOrDefault(layout => layout.Name == name)
        ?? throw new PackRequestException($"There is no layout '{name}'. There are: {string.Join(", ", All.Select(layout => layout.Name))}.");
}
