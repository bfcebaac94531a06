using ChangeDetection.Imaging.Masks;

namespace ChangeDetection.Datasets.Masks;

/// <summary>Which values all masks of a data set hold, by each way to read them: what its one rule is found from.</summary>
internal sealed class MaskSurvey
{
    private readonly List<ValueCounts> _channels = [];

    /// <summary>Masks that were looked at.</summary>
    public int Files { get; private set; }

    /// <summary>Values of masks with one channel, or with equal ones; grey levels of those whose palette is grey, where others have none.</summary>
    public ValueCounts Numbers { get; } = new();

    /// <summary>The values of masks of one bit, which are among <see cref="Numbers"/>.</summary>
    public ValueCounts OneBit { get; } = new();

    /// <summary>Indices of masks with a palette.</summary>
    public ValueCounts Indices { get; } = new();

    /// <summary>Grey levels of masks whose palette is grey.</summary>
    public ValueCounts GreyIndices { get; } = new();

    /// <summary>Colours of masks with three channels or a palette, and of grey ones of 8 bits.</summary>
    public ValueCounts Colours { get; } = new();

    /// <summary>Each channel's values, alpha's too, of the masks that have several.</summary>
    public IReadOnlyList<ValueCounts> Channels => _channels;

    /// <summary>Values of the GDAL_NODATA of masks, and pixels that have it.</summary>
    public ValueCounts NoData { get; } = new();

    /// <summary>Masks of one channel without a palette.</summary>
    public FileCount Plain { get; } = new();

    public FileCount WithPalette { get; } = new();

    /// <summary>Masks with a palette that is not grey.</summary>
    public FileCount WithColourPalette { get; } = new();

    public FileCount WithChannels { get; } = new();

    /// <summary>Masks whose channels are not equal everywhere.</summary>
    public FileCount Unlike { get; } = new();

    public FileCount WithAlpha { get; } = new();

    /// <summary>Masks in a format that changes values a little.</summary>
    public FileCount Lossy { get; } = new();

    /// <summary>The palette of the first mask that has one.</summary>
    public IReadOnlyList<int>? Palette { get; private set; }

    /// <summary>Adds a mask.</summary>
    public void Add(MaskImage mask, string file)
    {
        var values = new MaskFileValues(mask);
        values.Add(mask, file);
        Add(values, file);
    }

    /// <summary>Adds a mask that was read by parts.</summary>
    public void Add(MaskFileValues mask, string file)
    {
        Files++;
        if (mask.IsLossy)
            Lossy.Add(file);
        if (mask.HasAlpha)
            WithAlpha.Add(file);
        if (mask.Palette is { } palette)
            AddPalette(mask, palette, file);
        else if (mask.Channels.Count == 1)
            AddPlain(mask, file);
        else
            AddChannels(mask, file);
    }

    private void AddPlain(MaskFileValues mask, string file)
    {
        Plain.Add(file);
        Numbers.Add(mask.Channels[0], file);
        Colours.Add(
            mask.Channels[0].Where(pair => pair.Key is >= 0 and <= byte.MaxValue)
                .Select(pair => new KeyValuePair<long, long>(pair.Key * MaskPixels.Grey, pair.Value)),
            file);
        if (mask.IsOneBit)
            OneBit.Add(mask.Channels[0], file);
        AddNoData(mask, file);
    }

    private void AddPalette(MaskFileValues mask, IReadOnlyList<int> palette, string file)
    {
        WithPalette.Add(file);
        Palette ??= palette;
        Indices.Add(mask.Channels[0], file);
        AddNoData(mask, file);
        Colours.Add(Sums(mask, index => palette[(int)index]), file);
        if (MaskPixels.IsGrey(palette))
            GreyIndices.Add(Sums(mask, index => palette[(int)index] & byte.MaxValue), file);
        else
            WithColourPalette.Add(file);
    }

    private void AddChannels(MaskFileValues mask, string file)
    {
        WithChannels.Add(file);
        while (_channels.Count < mask.Channels.Count)
            _channels.Add(new());
        for (var channel = 0; channel < mask.Channels.Count; channel++)
            _channels[channel].Add(mask.Channels[channel], file);
        if (mask.HasEqualChannels)
            Numbers.Add(mask.Channels[0], file);
        else
            Unlike.Add(file);
        if (mask.Colours is { } colours)
            Colours.Add(colours, file);
    }

    private void AddNoData(MaskFileValues mask, string file)
    {
        if (mask.NoData is { } value && mask.Channels[0].TryGetValue(value, out var pixels))
            NoData.Add([new(value, pixels)], file);
    }

    private static IEnumerable<KeyValuePair<long, long>> Sums(MaskFileValues mask, Func<long, long> value) =>
        mask.Channels[0].GroupBy(pair => value(pair.Key)).Select(same => new KeyValuePair<long, long>(same.Key, same.Sum(pair => pair.Value)));
}

/// <summary>How many files are of some kind, and the first of them.</summary>
internal sealed class FileCount
{
    public int Count { get; private set; }

    public string First { get; private set; } = "";

    public void Add(string file)
    {
        if (Count++ == 0)
            First = file;
    }
}
