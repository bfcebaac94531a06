using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Polygons;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// Makes the files of a prediction from its finished strips, one pass over them in order: each file grows in the scratch folder and is stored whole.
/// </summary>
internal sealed class OutputFiles(
    TrainerAssignment assignment, IObjectStore store, ITrainerLink link, ImageShape scene, Georeference? georeference, Action alive)
{
    private const int RowsAtOnce = 64;

    private readonly PredictionRequest _request = assignment.Prediction!;

    /// <param name="strips">All of them, in order.</param>
    /// <param name="openAfter">Opens the later date anew, for the picture.</param>
    /// <exception cref="IOException">A strip is damaged, or the scratch folder or the store takes no more.</exception>
    public void Write(IReadOnlyList<StoredStrip> strips, Func<IRasterReader> openAfter)
    {
        using var classFile = new ScratchFile();
        using var probabilityFile = _request.Probability ? new ScratchFile() : null;
        using var polygonFile = _request.Polygons ? new ScratchFile() : null;
        var classes = new GeoTiffWriter(classFile.Stream, scene.Width, scene.Height, PixelType.UInt8, georeference, $"{StripFile.NoData}");
        var probability = probabilityFile is null ? null
            : new GeoTiffWriter(probabilityFile.Stream, scene.Width, scene.Height, PixelType.Float32, georeference, "nan");
        using var json = polygonFile is null ? null : new GeoJsonWriter(polygonFile.Stream, georeference);
        var tracer = json is null ? null : new PolygonTracer(scene.Width, json.Write);
        var overlay = new OverlayPicture(scene);
        var (changed, valid, row) = (0L, 0L, new byte[scene.Width]);

        foreach (var strip in strips)
        {
            using var values = StripFile.Open(store, strip);
            ForRows(strip.Rows, sizeof(byte), values, rows =>
            {
                classes.WriteRows(rows);
                for (; !rows.IsEmpty; rows = rows[scene.Width..])
                {
                    // Picture and outlines do not tell kinds of change apart.
                    for (var x = 0; x < row.Length; x++)
                        row[x] = rows[x] is 0 or StripFile.NoData ? rows[x] : (byte)1;
                    changed += row.Count((byte)1);
                    valid += row.Length - row.Count(StripFile.NoData);
                    overlay.Add(row);
                    tracer?.Add(row);
                }
            });
            if (probability is not null)
                ForRows(strip.Rows, sizeof(float), values, probability.WriteRows);
            values.RequireEnd();
        }

        classes.Finish();
        probability?.Finish();
        tracer?.Finish();
        json?.Finish(tracer!.Cuts);
        using (var after = openAfter())
            Publish(PredictionOutputs.Overlay, new MemoryStream(overlay.Encode(after, alive)), []);
        if (probabilityFile is not null)
            Publish(PredictionOutputs.Probability, probabilityFile.Stream, []);
        if (polygonFile is not null)
            Publish(PredictionOutputs.Polygons, polygonFile.Stream, []);
        Publish(PredictionOutputs.Classes, classFile.Stream,
            new() { ["changed_pixels"] = changed, ["valid_pixels"] = valid, ["changed_share"] = valid == 0 ? 0 : changed / (double)valid });
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

    private void Publish(PredictionOutput output, Stream content, Dictionary<string, double> figures)
    {
        var key = RunObject.Output(assignment.Run, output.Name, assignment.Attempt);
        var (hash, length) = ("", 0L);
        store.PutAsync(key, (stream, _) =>
        {
            content.Position = 0;
            using var hashing = new HashingStream(stream);
            var chunk = new byte[1 << 20];
            for (int read; (read = content.Read(chunk)) > 0;)
            {
                hashing.Write(chunk.AsSpan(0, read));
                alive();
            }
            (hash, length) = (hashing.Sha256(), hashing.Written);
            return Task.CompletedTask;
        }, CancellationToken.None).GetAwaiter().GetResult();
        CrashPoint.Reach(CrashPoints.OutputStored);
        link.Artifact(new ArtifactRecord
        {
            Name = output.Name,
            ObjectKey = key.Value,
            ContentType = output.ContentType,
            Bytes = length,
            Sha256 = hash,
            Metrics = JsonSerializer.Serialize(figures),
        });
    }
}
