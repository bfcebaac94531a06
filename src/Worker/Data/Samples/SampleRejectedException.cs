namespace ChangeDetection.Worker.Data.Samples;

/// <summary>A sample is sound, but cannot be used as the config asks: an image smaller than the crop, or of another size than the rest.</summary>
public sealed class SampleRejectedException(string shard, string key, string problem, string remedy)
    : Exception($"{shard}: sample '{key}' {problem}. {remedy}")
{
    public string Shard { get; } = shard;
    public string Key { get; } = key;
}
