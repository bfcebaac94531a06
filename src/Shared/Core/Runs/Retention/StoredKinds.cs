namespace ChangeDetection.Core.Runs.Retention;

/// <summary>What objects of the store are, by the rows that know their sizes.</summary>
public static class StoredKinds
{
    /// <summary>Weights of kept checkpoints, with their manifests.</summary>
    public const string Weights = "weights";
    /// <summary>Optimizer states of kept checkpoints.</summary>
    public const string Optimizer = "optimizer";
    /// <summary>Pictures of samples.</summary>
    public const string Pictures = "pictures";
    /// <summary>Reports of evaluations.</summary>
    public const string Reports = "reports";
    /// <summary>Files that predictions made.</summary>
    public const string Maps = "maps";
    /// <summary>Finished strips of predictions that have not ended.</summary>
    public const string Strips = "strips";
    /// <summary>What runs that have not ended were sent.</summary>
    public const string Uploads = "uploads";
    /// <summary>What no row refers to any more: retired checkpoints, remains of attempts and of deleted runs.</summary>
    public const string Unreferenced = "unreferenced";

    /// <summary>In the order in which they are shown.</summary>
    public static IReadOnlyList<string> All { get; } = [Weights, Optimizer, Pictures, Reports, Maps, Strips, Uploads, Unreferenced];

    /// <summary>
    /// Columns <c>run_id, kind, bytes</c>. An object that several names of a run refer to counts once. What was left behind is known since the last look
    /// through the store, of deleted runs since their deletion. A run may have no row: it was deleted, or is yet to be queued.
    /// </summary>
    internal const string Rows =
        """
        select run_id, 'weights' as kind, bytes - coalesce(optimizer_bytes, 0) as bytes from checkpoints where retired_at is null
        union all
        select run_id, 'optimizer', optimizer_bytes from checkpoints where retired_at is null and optimizer_bytes > 0
        union all
        select run_id, 'unreferenced', bytes from checkpoints where retired_at is not null
        union all
        select run_id, case split_part(object_key, '/', 3) when 'pictures' then 'pictures' when 'reports' then 'reports' else 'maps' end, max(bytes)
        from artifacts group by run_id, object_key
        union all
        select run_id, 'strips', bytes from strips
        union all
        select id, 'uploads', upload_bytes from runs where upload_bytes > 0 and state in ('queued', 'running', 'paused')
        union all
        select run_id, 'uploads', uploads.bytes from uploads where uploads.bytes > 0
        union all
        select run_id, 'unreferenced', bytes from orphans o
        where not exists (select 1 from strips s where s.run_id = o.run_id and s.object_key = o.prefix)
        union all
        select run_id, 'unreferenced', left_bytes from deleted_runs d
        where left_bytes > 0 and not exists (select 1 from orphans o where o.run_id = d.run_id)
        """;
}
