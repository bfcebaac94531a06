namespace ChangeDetection.Worker.Settings;

/// <summary>Who this worker is: a new id for each process, so that a restarted one is never taken for its predecessor.</summary>
public sealed record WorkerIdentity(Guid Id, string Host, int Pid)
{
    public static WorkerIdentity Create() => new(Guid.CreateVersion7(), Environment.MachineName, Environment.ProcessId);
}
