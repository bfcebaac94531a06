using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>Reads every mask of a source once, so that its values' meaning is settled before anything else is looked at.</summary>
internal sealed class SourceMasks(IDatasetLayout layout, SplitPlan plan, PackOptions options)
{
    private const int RowsAtOnce = 512;

    private readonly MaskSurvey _survey = new();
    private readonly SourceBuffer _buffer = new();

    /// <param name="problems">Gets what is unsettled. What is wrong with a single file is found again with the rest of its pair, and told there.</param>
    /// <param name="read">Called for each planned sample.</param>
    /// <returns>The rule; where there is none, another that lets the rest of the source be looked at.</returns>
    public FoundRule FindRule(ProblemList problems, ProblemList warnings, Action read, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var sample in plan.Splits.SelectMany(split => split.Samples))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (sample.Pair is { Problem: null, Mask: { } mask } && seen.Add(mask.FullPath))
                Add(sample.Pair, mask);
            read();
        }
        try
        {
            if (_survey.Files > 0)
            {
                var (mapping, values) = new MaskRuleFinder(_survey, options.Masks.Over(layout.Masks), layout.ChangeBy).Find(warnings.Add);
                return new(mapping, values);
            }
        }
        catch (DatasetSourceException unsettled)
        {
            problems.Add(unsettled);
        }
        return new(MaskMapping.Any, new ValueCounts());
    }

    private void Add(SourcePair pair, SourceFile mask)
    {
        try
        {
            if (options.Tiling is { } tiling && LargePair.Is(pair, tiling, options.WholeBytes))
            {
                AddByRows(mask);
                return;
            }
            _buffer.Fill(mask);
            _survey.Add(_buffer.DecodeMask(mask, options.Limits), mask.Path);
        }
        catch (Exception exception) when (exception is ImageException or IOException or UnauthorizedAccessException)
        {
            // Found again with the rest of the pair, and told there.
        }
    }

    private void AddByRows(SourceFile file)
    {
        using var mask = MaskRaster.Open(file.FullPath, file.Path);
        MaskFileValues? values = null;
        for (var at = 0; at < mask.Height; at += RowsAtOnce)
        {
            var rows = mask.Read(at, Math.Min(RowsAtOnce, mask.Height - at));
            values ??= new MaskFileValues(rows);
            values.Add(rows, file.Path);
        }
        _survey.Add(values!, file.Path);
    }
}
