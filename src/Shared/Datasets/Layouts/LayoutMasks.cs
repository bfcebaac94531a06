using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>What a layout says of its masks' values, as the options of the command line would.</summary>
/// <param name="Change">The values that are change; null where there are classes, or nothing is said.</param>
/// <param name="Classes">The classes, no change first; empty where nothing is said.</param>
/// <param name="Ignore">The values of unlabelled pixels; null for none.</param>
/// <param name="Band">The channel to read, from 1; null for the only one.</param>
public sealed record LayoutMasks(MaskRule? Change, IReadOnlyList<LayoutClass> Classes, MaskRule? Ignore, int? Band);

/// <summary>A class of a layout's masks.</summary>
public sealed record LayoutClass(string Name, MaskRule Values);
