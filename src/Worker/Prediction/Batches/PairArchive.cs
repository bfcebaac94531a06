using System.Formats.Tar;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Worker.Prediction.Batches;

/// <summary>
/// The files of a finished pair as one object, a tar whose bytes are a function of the files alone: first its figures, then the maps by the paths that they
/// will have. The row in <c>strips</c> holds its hash.
/// </summary>
internal static class PairArchive
{
    private const string Figures = "pair.json";
    private const int ChunkBytes = 1 << 20;
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Stores a pair's files.</summary>
    /// <param name="overlay">The picture; null where it is not wanted.</param>
    public static StoredStrip Put(IObjectStore store, Guid run, int attempt, int number, string pair, MapFiles maps, byte[]? overlay)
    {
        var key = RunObject.Strip(run, number, attempt);
        var (hash, length) = ("", 0L);
        store.PutAsync(key, (stream, _) =>
        {
            using var hashing = new HashingStream(stream);
            using (var tar = new TarWriter(hashing, TarEntryFormat.Gnu, leaveOpen: true))
            {
                Add(tar, Figures, new MemoryStream(PairFigures.Of(pair, maps).ToJson()));
                Add(tar, BatchFiles.Path(PredictionOutputs.Classes, pair), maps.Classes);
                if (maps.Probability is { } probability)
                    Add(tar, BatchFiles.Path(PredictionOutputs.Probability, pair), probability);
                if (maps.Polygons is { } polygons)
                    Add(tar, BatchFiles.Path(PredictionOutputs.Polygons, pair), polygons);
                if (overlay is not null)
                    Add(tar, BatchFiles.Path(PredictionOutputs.Overlay, pair), new MemoryStream(overlay));
            }
            (hash, length) = (hashing.Sha256(), hashing.Written);
            return Task.CompletedTask;
        }, CancellationToken.None).GetAwaiter().GetResult();
        return new StoredStrip(number, number, 1, key.Value, length, hash);
    }

    /// <summary>Puts the maps of all pairs into one archive.</summary>
    /// <param name="alive">Called now and then.</param>
    /// <returns>Their figures, in the same order.</returns>
    /// <exception cref="ObjectDamagedException">An object is not the one that was stored.</exception>
    public static IReadOnlyList<PairFigures> Unite(IObjectStore store, IEnumerable<StoredStrip> pairs, Stream target, Action alive)
    {
        var figures = new List<PairFigures>();
        using var all = new TarWriter(target, TarEntryFormat.Gnu, leaveOpen: true);
        foreach (var stored in pairs)
        {
            using var copy = new ScratchFile();
            using (var source = StripFile.OpenStored(store, stored))
                source.CopyTo(copy.Stream, ChunkBytes);
            copy.Stream.Position = 0;
            using var tar = new TarReader(copy.Stream, leaveOpen: true);
            while (tar.GetNextEntry() is { DataStream: { } content } entry)
            {
                if (entry.Name == Figures)
                    figures.Add(PairFigures.FromJson(content));
                else
                    Add(all, entry.Name, content);
                alive();
            }
        }
        return figures;
    }

    private static void Add(TarWriter tar, string name, Stream content)
    {
        content.Position = 0;
        tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = Mode, ModificationTime = DateTimeOffset.UnixEpoch });
    }
}
