using System.Security.Cryptography;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Dashboard.Tests;

/// <summary>The manifest of a seeded checkpoint.</summary>
internal static class SeededManifest
{
    public static CheckpointManifest Of(Claim claim, int epoch, byte[] weights) => new()
    {
        Format = CheckpointManifest.CurrentFormat,
        Run = claim.Run,
        Attempt = claim.Attempt,
        Epoch = epoch,
        Step = epoch * SeededTraining.StepsPerEpoch,
        Position = 0,
        ConfigDigest = "digest",
        Model = new CheckpointModel("fc-siam-diff", 3),
        Normalization = new CheckpointNormalization("image", null, null),
        Files = new Dictionary<string, CheckpointFileEntry>
        {
            [CheckpointManifest.WeightsFile] = new(weights.Length, Convert.ToHexStringLower(SHA256.HashData(weights))),
        },
        State = new RunningState(0, 0, null),
        Metrics = new Dictionary<string, double>(),
        Numerics = new Numerics("2.10.0", 2, "avx2", "cpu"),
        WrittenAt = DateTimeOffset.UnixEpoch,
    };
}
