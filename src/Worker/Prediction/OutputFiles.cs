using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// Makes the files of a prediction from its finished strips, one pass over them in order: each file grows in the scratch folder and is stored whole.
/// </summary>
internal sealed class OutputFiles(
    TrainerAssignment assignment, IObjectStore store, ITrainerLink link, ImageShape scene, Georeference? georeference, ClassLegend legend, Action alive)
{
    private const int RowsAtOnce = 64;

    /// <param name="strips">All of them, in order.</param>
    /// <param name="openAfter">Opens the later date anew, for the picture.</param>
    /// <exception cref="IOException">A strip is damaged, or the scratch folder or the store takes no more.</exception>
    public void Write(IReadOnlyList<StoredStrip> strips, Func<IRasterReader> openAfter)
    {
        using var maps = new MapFiles(assignment.Prediction!, scene, georeference, legend, overlay: true);
        foreach (var strip in strips)
        {
            using var values = StripFile.Open(store, strip);
            ForRows(strip.Rows, sizeof(byte), values, maps.AddClasses);
            if (maps.WantsProbability)
                ForRows(strip.Rows, sizeof(float), values, maps.AddProbability);
            values.RequireEnd();
        }
        maps.Finish();
        var stored = new StoredOutputs(assignment, store, link, alive);
        using (var after = openAfter())
            stored.Publish(PredictionOutputs.Overlay, new MemoryStream(maps.Overlay(after, alive)), []);
        if (maps.Probability is { } probability)
            stored.Publish(PredictionOutputs.Probability, probability, []);
        if (maps.Polygons is { } polygons)
            stored.Publish(PredictionOutputs.Polygons, polygons, []);
        stored.Publish(PredictionOutputs.Classes, maps.Classes, maps.Figures());
    }

    private delegate void RowsAction(ReadOnlySpan<byte> rows);

    private void ForRows(int count, int size, StripReader values, RowsAction act)
    {
        var rows = new byte[Math.Min(RowsAtOnce, count) * scene.Width * size];
        for (var first = 0; first < count; first += RowsAtOnce)
        {
            var part = rows.AsSpan(0, Math.Min(RowsAtOnce, count - first) * scene.Width * size);
            values.Read(part);
            act(part);
            alive();
        }
    }
}
