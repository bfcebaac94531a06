using System.Globalization;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.TestKit;

/// <summary>
/// The runs of a system that are held behind a step until the test has acted on them (<see cref="HoldPoint"/>). Hold a run before it is submitted: how fast
/// the machine is, and what else it does, then decides nothing.
/// </summary>
/// <param name="folder">Named to every process of the system by <see cref="HoldPoint.Variable"/>.</param>
public sealed class HeldRuns(string folder)
{
    public string Folder { get; } = Directory.CreateDirectory(folder).FullName;

    /// <summary>Holds runs of that name behind this step; a run that is held already goes on to there.</summary>
    public void Hold(string name, long step)
    {
        // By rename: a trainer that looks meanwhile reads the one number or the other.
        var written = Path.Combine(Folder, $".{name}");
        File.WriteAllText(written, step.ToString(CultureInfo.InvariantCulture));
        File.Move(written, Path.Combine(Folder, name), overwrite: true);
    }

    /// <summary>Lets runs of that name go on to their end.</summary>
    public void Release(string name) => File.Delete(Path.Combine(Folder, name));
}
