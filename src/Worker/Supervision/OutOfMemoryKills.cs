namespace ChangeDetection.Worker.Supervision;

/// <summary>
/// Decides of a trainer that was killed whether the kernel did it for want of memory. The trainers of a worker share one count, so each kill explains one
/// death: a neighbour's does not explain ours.
/// </summary>
public sealed class OutOfMemoryKills
{
    private readonly Lock _taking = new();
    private long _explained;

    /// <summary>Starts to watch the group of a process that has just begun.</summary>
    public Watch Of(int pid)
    {
        var group = MemoryGroup.Of(pid);
        return new Watch(this, group, group?.Kills() ?? 0);
    }

    private bool Take(long before, long now)
    {
        lock (_taking)
        {
            var known = Math.Max(before, _explained);
            if (now <= known)
                return false;
            _explained = known + 1;
            return true;
        }
    }

    /// <summary>The watch over one trainer.</summary>
    public sealed class Watch(OutOfMemoryKills kills, MemoryGroup? group, long before)
    {
        /// <summary>To be asked once, when the trainer was killed: whether a kill for want of memory has happened since that explains no other death.</summary>
        public bool Explains() => group is not null && kills.Take(before, group.Kills());
    }
}
