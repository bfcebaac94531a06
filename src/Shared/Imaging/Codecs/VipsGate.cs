using NetVips;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// libvips collects its error texts in one buffer per process: when two images fail at once, either exception may hold the texts of both.
/// So all calls go in together, and one that has failed goes in again alone, with the buffer emptied, to hear what is said of it and of nothing else.
/// </summary>
internal static class VipsGate
{
    private static readonly ReaderWriterLockSlim s_gate = new(LockRecursionPolicy.NoRecursion);

    public static Pass Together()
    {
        s_gate.EnterReadLock();
        return new(alone: false);
    }

    public static Pass Alone()
    {
        s_gate.EnterWriteLock();
        // Making the exception takes the texts out of the buffer; there is no other way to.
        _ = new VipsException("");
        return new(alone: true);
    }

    internal readonly ref struct Pass(bool alone)
    {
        public void Dispose()
        {
            if (alone)
                s_gate.ExitWriteLock();
            else
                s_gate.ExitReadLock();
        }
    }
}
