using System.Runtime.CompilerServices;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Storage;
using Npgsql;

namespace ChangeDetection.Core.Runs.Inventory;

/// <summary>An object that rows name and that is not there as it should be.</summary>
/// <param name="Problem">As the end of a sentence that begins with the key.</param>
public sealed record ObjectProblem(NamedKind Kind, Guid Run, string Key, string Problem);

/// <summary>What a verification of the store found.</summary>
/// <param name="Hashed">Whether every byte was read; else only lengths were compared, and manifests read.</param>
public sealed record StorageReport(long Objects, long Bytes, bool Hashed, IReadOnlyList<ObjectProblem> Problems);

/// <summary>Looks whether every object that rows name is in the store, of its size, and on demand byte by byte what was published.</summary>
public sealed class StorageVerification(NpgsqlDataSource database, IObjectStore store)
{
    /// <param name="hashes">Reads every object.</param>
    /// <exception cref="IOException">The store does not answer, or refuses.</exception>
    public async Task<StorageReport> RunAsync(bool hashes, CancellationToken cancellationToken)
    {
        var (objects, bytes, problems) = (0L, 0L, new List<ObjectProblem>());
        await foreach (var row in RowsAsync(cancellationToken))
        {
            try
            {
                foreach (var named in await NamedObject.OfAsync(row, store, cancellationToken))
                {
                    if (await ProblemAsync(named, hashes, cancellationToken) is { } problem)
                        problems.Add(new ObjectProblem(row.Kind, row.Run, named.Key.Value, problem));
                    (objects, bytes) = (objects + 1, bytes + (named.Bytes ?? 0));
                }
            }
            catch (CheckpointInvalidException exception)
            {
                objects++;
                problems.Add(new ObjectProblem(row.Kind, row.Run, $"{row.Key}/{CheckpointManifest.FileName}", exception.Problem));
            }
        }
        return new StorageReport(objects, bytes, hashes, problems.Count == 0 ? problems : await StillNamedAsync(problems, cancellationToken));
    }

    private async IAsyncEnumerable<NamedRow> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await foreach (var row in ObjectInventory.ListAsync(connection, cancellationToken))
            yield return row;
    }

    private async Task<string?> ProblemAsync(NamedObject named, bool hashes, CancellationToken cancellationToken)
    {
        try
        {
            var length = await store.LengthAsync(named.Key, cancellationToken);
            if (length is null)
                return "is missing";
            if (named.Bytes is { } expected && length != expected)
                return $"has {length} bytes instead of {expected}";
            if (!hashes || named.Sha256 is not { } sha256)
                return null;
            await using var stream = await VerifyingStream.OpenAsync(store, new PublishedObject(named.Key, sha256, ""), cancellationToken);
            await stream.RequireEndAsync(cancellationToken);
            return null;
        }
        catch (ObjectNotFoundException)
        {
            return "is missing";
        }
        catch (ObjectDamagedException exception)
        {
            return $"is damaged: {exception.Problem}";
        }
    }

    /// <summary>A system that works retires and collects meanwhile: what no row names any more was rightly gone.</summary>
    private async Task<IReadOnlyList<ObjectProblem>> StillNamedAsync(List<ObjectProblem> problems, CancellationToken cancellationToken)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in RowsAsync(cancellationToken))
            named.Add(row.Key);
        return [.. problems.Where(problem => named.Contains(problem.Key)
            || problem.Kind is NamedKind.Checkpoint && named.Contains(problem.Key[..problem.Key.LastIndexOf('/')]))];
    }
}
