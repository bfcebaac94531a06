using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Training;
using TorchSharp;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// An attempt of a predict run. Strips are predicted from the top; each is stored and offered as soon as it is done, so that an attempt that follows
/// does the others alone. When all are there, the files are made of them. Runs on the compute thread.
/// </summary>
internal sealed class Predictor(TrainerAssignment assignment, ComputeDevice device, ITrainerLink link, TimeProvider time)
{
    private readonly PredictionRequest _request = assignment.Prediction ?? throw new InvalidOperationException($"Run {assignment.Run} has nothing to predict.");
    private readonly IObjectStore _store = ObjectStores.Open(assignment.Store);

    /// <summary>Does what is left of the run. An end that the worker asks for comes behind the current window; strips that are done stay done.</summary>
    public TrainerOutcome Run(CancellationToken cancellationToken)
    {
        var report = new PredictionReport(link, time);
        var rule = new NoDataRule(_request.NoData, Enum.Parse<AlphaUse>(_request.Alpha, ignoreCase: true));
        var rescaling = _request.Rescale is { } text ? ValueRescaling.TryParse(text) : null;
        using var before = SceneSource.Fetch(_request.Before, _store, rule, report.Alive, cancellationToken);
        using var after = SceneSource.Fetch(_request.After, _store, rule, report.Alive, cancellationToken);
        using var network = LoadNetwork(out var manifest, out var field, cancellationToken);
        using var first = before.Open();
        using var second = after.Open();
        var georeference = RasterPair.Check(first, second);
        SceneCompatibility.Check(manifest, first, second, rescaling);
        var one = SceneCompatibility.Rescaled(first, manifest, rescaling);
        var other = SceneCompatibility.Rescaled(second, manifest, rescaling);
        foreach (var warning in _request.Warnings ?? [])
            link.Event("values-far-off", warning);
        if (rescaling is not null)
            link.Event("rescaled", $"Values of both dates are mapped before they are normalised: {rescaling}.");
        if ((one.Georeference is null) != (other.Georeference is null))
            link.Event(
                "georeference-missing",
                $"{(one.Georeference is null ? one : other).Name} does not say where it lies; it is taken to lie where the other date does.");

        var normalization = SceneNormalization.Of(manifest, () => (Open(before), Open(after)), report.Alive);
        var rows = new SceneRows(one, other);
        var bytesPerRow = (long)one.Shape.Width * one.Shape.Channels * (one.Shape.BytesPerValue + other.Shape.BytesPerValue);
        var tiling = Tilings.Of(rows, bytesPerRow, new WindowNetwork(network, device, normalization), field, _request.Tile);
        var done = Intact(tiling, report.Alive);
        report.Begin(tiling, done.Count);
        link.Log(
            TrainerLogLevel.Info,
            AttemptLog.Predicting(manifest, network, device.Numerics, rows.Width, one.Shape.Height, tiling.Strips.Count, done.Count));
        try
        {
            Predict(tiling, rows, done, report);
        }
        catch (OperationCanceledException) when (link.StopRequested.IsCancellationRequested)
        {
            return new TrainerOutcome(TrainerEnd.Stopped, $"stopped with {done.Count} of {tiling.Strips.Count} strips done");
        }
        new OutputFiles(assignment, _store, link, one.Shape, georeference, report.Alive).Write([.. done.Values], () => Open(after));
        report.End();
        return new TrainerOutcome(TrainerEnd.Succeeded);

        IRasterReader Open(SceneSource source) => SceneCompatibility.Rescaled(source.Open(), manifest, rescaling);
    }

    private void Predict(ITiling tiling, SceneRows rows, SortedDictionary<int, StoredStrip> done, PredictionReport report)
    {
        var most = tiling.Strips.Max(strip => strip.Count) * rows.Width;
        var (probability, classes) = (new float[most * tiling.Kinds], new byte[most]);
        for (var number = 0; number < tiling.Strips.Count; number++)
        {
            if (done.ContainsKey(number))
                continue;
            var strip = tiling.Strips[number];
            var pixels = strip.Count * rows.Width;
            tiling.Predict(number, probability.AsSpan(0, pixels * tiling.Kinds), () =>
            {
                report.WindowDone();
                link.StopRequested.ThrowIfCancellationRequested();
            });
            ClassDecision.Unite(probability.AsSpan(0, pixels * tiling.Kinds), classes.AsSpan(0, pixels));
            for (var y = strip.First; y < strip.End; y++)
                Forget(probability.AsSpan((y - strip.First) * rows.Width, rows.Width), rows.Missing(y));
            ClassDecision.Decide(probability.AsSpan(0, pixels), _request.Threshold, classes.AsSpan(0, pixels));
            var stored = StripFile.Put(
                _store, assignment.Run, assignment.Attempt, number, strip, classes.AsMemory(0, pixels),
                _request.Probability ? probability.AsMemory(0, pixels) : default);
            CrashPoint.Reach(CrashPoints.StripStored);
            link.Strip(stored);
            CrashPoint.Reach(CrashPoints.StripOffered);
            done.Add(number, stored);
            report.StripDone();
        }
    }

    /// <summary>Of pixels that a date does not show, nothing is known.</summary>
    private static void Forget(Span<float> probability, ReadOnlySpan<byte> missing)
    {
        for (var x = 0; x < probability.Length; x++)
        {
            if (missing[x] != 0)
                probability[x] = float.NaN;
        }
    }

    /// <summary>Strips of attempts before that are there, whole, and cut as they would be cut now.</summary>
    private SortedDictionary<int, StoredStrip> Intact(ITiling tiling, Action alive)
    {
        var intact = new SortedDictionary<int, StoredStrip>();
        foreach (var strip in assignment.Strips)
        {
            var fits = strip.Strip < tiling.Strips.Count && tiling.Strips[strip.Strip] == new StripRows(strip.FirstRow, strip.FirstRow + strip.Rows);
            if (fits && StripFile.IsIntact(_store, strip))
                intact.Add(strip.Strip, strip);
            else
                link.Event("strip-lost", $"Strip {strip.Strip} of attempts before is damaged, gone, or cut otherwise; it is made again.");
            alive();
        }
        return intact;
    }

    private ChangeNetwork LoadNetwork(out CheckpointManifest manifest, out ReceptiveField? field, CancellationToken cancellationToken)
    {
        var reader = new CheckpointReader(_store);
        manifest = reader.ReadManifestAsync(_request.Checkpoint, cancellationToken).Block();
        field = ModelCatalogue.Find(manifest.Model.Name).Field;
        var network = ModelCatalogue.Create(manifest.Model.ToConfig(), seed: 0);
        var checkpoint = reader.ReadWeightsAsync(_request.Checkpoint, network, manifest.Model, cancellationToken).Block();
        Tensors.Write(checkpoint.Contents.Weights, network.state_dict());
        network.to(device.Torch);
        network.eval();
        return network;
    }
}
