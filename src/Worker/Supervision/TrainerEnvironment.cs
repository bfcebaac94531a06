using System.Globalization;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.People;
using ChangeDetection.Worker.Data.Shards.Cache;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Slots;

namespace ChangeDetection.Worker.Supervision;

/// <summary>The environment of a trainer process.</summary>
public static class TrainerEnvironment
{
    /// <param name="cache">The machine's shard cache; null: none.</param>
    public static void Apply(IDictionary<string, string?> environment, int threads, Slot slot, ShardCacheSettings? cache)
    {
        // A trainer writes rows through its worker. What it does not have, it cannot leak. Objects it reads and writes itself: what the environment says of
        // stores (AWS_…, AZURE_…, CHANGEDETECTION_STORAGE__…) it keeps, and has from nowhere else.
        foreach (var name in environment.Keys.Where(IsSecret).ToList())
            environment.Remove(name);
        // Its pipe is the protocol's, and it watches that itself.
        environment.Remove(ParentPipe.Variable);
        foreach (var (name, value) in AllocatorSettings.Environment)
            environment[name] = value;
        var count = threads.ToString(CultureInfo.InvariantCulture);
        environment["OMP_NUM_THREADS"] = count;
        environment["MKL_NUM_THREADS"] = count;
        // The managed side reads and decodes beside the compute threads; its heap stays small and is given back.
        environment["DOTNET_gcServer"] = "0";
        environment["DOTNET_GCConserveMemory"] = "5";
        // By default the youngest generation grows with the processor's cache, to tens of MiB of dead objects, and a trainer's peak depends on whether a
        // collection came in time. Every large buffer is kept and used again, so what is collected more often is little.
        // `changedetection-bench trainer-memory` with an L3 of 32 MiB: peaks of 215 to 290 MiB without this line, 200 to 222 MiB with it.
        environment["DOTNET_GCgen0size"] = "0x400000";
        ShardCacheSettings.Write(cache, environment);
        environment["CUDA_VISIBLE_DEVICES"] = slot.CudaIndex?.ToString(CultureInfo.InvariantCulture) ?? "";
        // cuBLAS is deterministic only with a workspace of its own (NVIDIA's cuBLAS documentation, "Results reproducibility").
        environment["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8";
    }

    private static bool IsSecret(string name) =>
        name.Equals(SystemSettings.DatabaseVariable, StringComparison.OrdinalIgnoreCase)
        || name.Equals(SystemSettings.DatabaseFileVariable, StringComparison.OrdinalIgnoreCase) || name.StartsWith("PG", StringComparison.Ordinal)
        || name is AccessToken.Variable or DashboardAddress.TokenVariable;
}
