namespace ChangeDetection.Architecture.Tests;

/// <summary>Rooms (folders) of a project use each other in one direction: a reader can begin at the bottom and never meets a circle.</summary>
public sealed class RoomTests
{
    public static TheoryData<string> Folders => OurAssemblies.Folders;

    /// <summary>The first folders below a project's root. What stands in the root itself composes them and may use all.</summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public void Rooms_OfAProject_HaveNoCircle(string folder) => AssertNoCircle(OurAssemblies.Of(folder), depth: 1);

    /// <summary>The folders inside one room, such as the stages of the data loader.</summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public void Rooms_InsideARoom_HaveNoCircle(string folder) => AssertNoCircle(OurAssemblies.Of(folder), depth: 2);

    private static void AssertNoCircle(Project project, int depth)
    {
        var edges = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var type in project.Types)
        {
            foreach (var used in TypeUses.Of(type).Where(used => used.Scope == project.Module || used.Scope.Name == project.Module.Name))
            {
                var (from, to) = (project.RoomOf(type.Namespace, depth), project.RoomOf(used.Namespace, depth));
                if (from != to && Depth(from) == depth && Depth(to) == depth)
                    (edges.TryGetValue(from, out var uses) ? uses : edges[from] = []).TryAdd(to, $"{from}/{type.Name} uses {to}/{used.Name}");
            }
        }
        Findings.None(Circle(edges) is { } circle ? [circle] : []);

        static int Depth(string room) => room.Length == 0 ? 0 : room.Count(letter => letter == '/') + 1;
    }

    /// <summary>The uses that close a circle, one a line; null where there is none.</summary>
    private static string? Circle(Dictionary<string, Dictionary<string, string>> edges)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        var path = new List<string>();
        return edges.Keys.Order(StringComparer.Ordinal).Select(Visit).FirstOrDefault(found => found is not null);

        string? Visit(string room)
        {
            if (path.IndexOf(room) is >= 0 and var start)
                return string.Join('\n', path[start..].Zip(path[(start + 1)..].Append(room), (from, to) => edges[from][to]));
            if (!done.Add(room))
                return null;
            path.Add(room);
            var found = edges.GetValueOrDefault(room)?.Keys.Select(Visit).FirstOrDefault(circle => circle is not null);
            path.RemoveAt(path.Count - 1);
            return found;
        }
    }
}
