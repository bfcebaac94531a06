namespace ChangeDetection.Core.Runs;

/// <summary>A won claim: the fencing number that every write of the attempt carries.</summary>
public sealed record Claim(Guid Run, int Attempt, Guid ClaimId);

/// <summary>What a renewal brings back.</summary>
public sealed record LeaseRenewal
{
    public bool CancelRequested { get; init; }
    public bool PauseRequested { get; init; }
}

/// <summary>The attempt no longer holds its run: its write changed nothing. Its trainer is to be killed.</summary>
public sealed class LeaseLostException(Claim claim)
    : Exception($"Attempt {claim.Attempt} of run {claim.Run} lost its lease: another attempt, or none, holds the run now. Nothing was written.")
{
    public Claim Claim { get; } = claim;
}
