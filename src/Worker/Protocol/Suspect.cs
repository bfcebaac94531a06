namespace ChangeDetection.Worker.Protocol;

/// <summary>What the end of an attempt says of the machine that it was on.</summary>
public enum Suspect
{
    /// <summary>Nothing: it went well, or the run is at fault.</summary>
    None,
    /// <summary>The machine may be at fault (a store, a disk, an error of libtorch): it is to be checked.</summary>
    Machine,
    /// <summary>
    /// It died as one does on a broken device. The machine is to be checked, and two different runs in a row say something even if it passes.
    /// </summary>
    Device,
}
