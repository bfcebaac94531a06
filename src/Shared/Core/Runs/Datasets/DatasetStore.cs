using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs.Datasets;

/// <summary>The tables <c>datasets</c> and <c>run_datasets</c>.</summary>
public sealed class DatasetStore(NpgsqlDataSource database)
{
    /// <summary>Notes data sets that runs are about to be submitted with. Doing it again does no harm.</summary>
    public async Task RecordAsync(IEnumerable<DatasetRecord> datasets, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        foreach (var dataset in datasets)
            await connection.ExecuteAsync(new CommandDefinition(
                """
                insert into datasets (uri, manifest_sha256, name, summary) values (@uri, @ManifestSha256, @Name, @Summary::jsonb)
                on conflict (uri, manifest_sha256) do update set
                    name = excluded.name, summary = excluded.summary, submitted_at = clock_timestamp()
                """,
                new { uri = Text(dataset.Reference.Uri), dataset.Reference.ManifestSha256, dataset.Name, dataset.Summary },
                cancellationToken: cancellationToken));
    }

    /// <summary>Notes what a verification found, where the data set is recorded.</summary>
    /// <param name="verification">JSON.</param>
    /// <returns>Whether it is.</returns>
    public async Task<bool> VerifiedAsync(DatasetReference dataset, string verification, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            """
            update datasets set verified_at = clock_timestamp(), verification = @verification::jsonb
            where uri = @uri and manifest_sha256 = @ManifestSha256
            """,
            new { uri = Text(dataset.Uri), dataset.ManifestSha256, verification }, cancellationToken: cancellationToken)) > 0;
    }

    /// <summary>All that are recorded, the one that was submitted last first.</summary>
    public async Task<IReadOnlyList<RecordedDataset>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<RecordedDataset>(new CommandDefinition(
            """
            select d.uri, d.manifest_sha256, d.name, d.summary::text, d.recorded_at, d.submitted_at, d.verified_at, d.verification::text,
                   (select count(*) from run_datasets r where (r.uri, r.manifest_sha256) = (d.uri, d.manifest_sha256))::int as runs
            from datasets d order by d.submitted_at desc, d.uri
            """, cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>What a run was submitted with, by address; nothing of a run of before they were recorded.</summary>
    public async Task<IReadOnlyList<DatasetReference>> OfRunAsync(Guid run, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return [.. (await connection.QueryAsync<(string Uri, string Sha256)>(new CommandDefinition(
            "select uri, manifest_sha256 from run_datasets where run_id = @run order by uri", new { run }, cancellationToken: cancellationToken)))
            .Select(row => new DatasetReference(new Uri(row.Uri), row.Sha256))];
    }

    /// <summary>Within the transaction that gives the run its row.</summary>
    internal static Task AddAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Guid run, IReadOnlyList<DatasetReference> datasets, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(
            "insert into run_datasets (run_id, uri, manifest_sha256) select @run, * from unnest(@uris, @hashes)",
            new { run, uris = datasets.Select(one => Text(one.Uri)).ToArray(), hashes = datasets.Select(one => one.ManifestSha256).ToArray() },
            transaction, cancellationToken: cancellationToken));

    /// <summary>A folder is the same with and without its last slash.</summary>
    private static string Text(Uri uri) => uri.AbsoluteUri.TrimEnd('/');
}
