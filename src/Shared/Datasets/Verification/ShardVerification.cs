using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Shards.Tars;

namespace ChangeDetection.Datasets.Verification;

/// <summary>
/// Reads one shard from front to back: its length and hash, every member of the tar and whether the index names it, the checksum of each, and
/// its images. Where a header is damaged it goes on at the next place that the index knows.
/// </summary>
internal sealed class ShardVerification(ShardDataset dataset, ShardManifest shard, ShardIndex index, bool deep, Action<DatasetDamage> found, Action<long> read)
{
    private const string PackAgain = "Remove it from the tar and index the tars again, or pack the data set again.";
    private byte[] _field = [];
    private bool _ended;

    /// <exception cref="ShardCorruptException">The shard is missing, has another length or ends early, so that reading on would tell nothing new.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var key = new ObjectKey(shard.Name);
        var length = await dataset.Store.LengthAsync(key, cancellationToken) ?? throw Corrupt("is missing");
        if (length != shard.Bytes)
            throw Corrupt($"has {length} bytes instead of {shard.Bytes}");
        await using var stream = await dataset.Store.OpenReadAsync(key, 0, null, cancellationToken);
        using var walk = new TarWalk(stream, length);
        var images = new SampleVerification(dataset, shard, deep, found);
        try
        {
            for (var sample = 0; sample < index.Count; sample++)
            {
                await VerifySampleAsync(walk, sample, images, cancellationToken);
                read(walk.Position);
            }
            await VerifyEndAsync(walk, cancellationToken);
            images.CheckChangeFraction();
            if (await walk.FinishAsync(cancellationToken) is var (hash, _) && hash != shard.Sha256)
                found(new(shard.Name, $"has the SHA-256 {hash} instead of {shard.Sha256}", ShardCorruptException.CopyAgain));
        }
        catch (TarException error)
        {
            throw Corrupt(error.Message);
        }
    }

    private async Task VerifySampleAsync(TarWalk walk, int sample, SampleVerification images, CancellationToken cancellationToken)
    {
        var key = index.Key(sample);
        images.Begin(key, sample);
        foreach (var field in index.Fields(sample))
        {
            try
            {
                await FindAsync(walk, $"{key}.{field.Name}", field, cancellationToken);
                if (_field.Length < field.Length)
                    _field = GC.AllocateUninitializedArray<byte>(field.Length);
                var bytes = _field.AsMemory(0, field.Length);
                await walk.ReadAsync(bytes, cancellationToken);
                field.Verify(bytes.Span, shard.Name, key);
                images.Add(field, bytes);
            }
            catch (ShardCorruptException error)
            {
                images.Spoil();
                found(DatasetDamage.Of(error));
            }
        }
        images.End();
    }

    /// <summary>Walks to a field's header, past members that no index names. Any program that reads tars must find what the index names.</summary>
    private async Task FindAsync(TarWalk walk, string member, ShardField field, CancellationToken cancellationToken)
    {
        try
        {
            while (!_ended && walk.Position < field.Offset)
            {
                if (await walk.NextAsync(cancellationToken) is not { } next)
                    _ended = true;
                else if (next.Offset == field.Offset && next.Size == field.Length && MemberName.Of(next.Name)?.ToString() == member)
                    return;
                else if (next.Offset < field.Offset)
                    ReportExtra(next);
            }
        }
        catch (TarException error) when (walk.Position <= field.Offset)
        {
            await SkipAsync(walk, field, cancellationToken);
            throw Corrupt($"is damaged before {member} at offset {field.Offset}: it {error.Message}");
        }
        await SkipAsync(walk, field, cancellationToken);
        throw Corrupt($"is damaged: at offset {field.Offset - ShardIndexText.TarBlock} the index has {member}, and the tar has no header of that name");
    }

    /// <summary>To where the index says that the field ends: the next header stands there, whatever this one was.</summary>
    private Task SkipAsync(TarWalk walk, ShardField field, CancellationToken cancellationToken) =>
        walk.SkipToAsync(Math.Min(field.Offset + (field.Length + TarWalk.Block - 1L) / TarWalk.Block * TarWalk.Block, shard.Bytes), cancellationToken);

    private async Task VerifyEndAsync(TarWalk walk, CancellationToken cancellationToken)
    {
        try
        {
            while (!_ended && await walk.NextAsync(cancellationToken) is { } next)
                ReportExtra(next);
        }
        catch (TarException error)
        {
            found(DatasetDamage.Of(Corrupt($"is damaged: it {error.Message}")));
        }
    }

    private void ReportExtra(TarMember member)
    {
        if (MemberName.Of(member.Name) is not null)
            found(new(shard.Name, $"holds the member '{member.Name}', which its index does not name", PackAgain));
    }

    private ShardCorruptException Corrupt(string problem) => new(shard.Name, problem, ShardCorruptException.CopyAgain);
}
