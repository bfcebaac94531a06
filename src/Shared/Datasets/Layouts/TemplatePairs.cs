namespace ChangeDetection.Datasets.Layouts;

/// <summary>Joins the files that fit a form's templates to pairs by what their placeholders stand for, never by position.</summary>
internal sealed class TemplatePairs
{
    private readonly LayoutDocument _layout;
    private readonly SourceFolder _root;
    private readonly LayoutForm _form;
    private readonly IReadOnlyList<string> _placeholders;
    private readonly Dictionary<LayoutRole, IReadOnlyList<FoundFile>> _files;

    private TemplatePairs(LayoutDocument layout, SourceFolder root, LayoutForm form)
    {
        (_layout, _root, _form, _placeholders) = (layout, root, form, form.Placeholders);
        var walk = new TemplateWalk(root, layout);
        _files = form.Roles.ToDictionary(role => role.Role, role => walk.Find(role.Template));
        Lacking = walk.Lacking;
    }

    private IReadOnlyDictionary<string, SortedSet<string>> Lacking { get; }

    private int RolesFound => _files.Values.Count(files => files.Count > 0);

    /// <summary>The pairs of the form that fits: the first of which all files are there, or else the one of which most are.</summary>
    /// <returns>In ordinal order of their paths; empty where nothing fits.</returns>
    /// <exception cref="DatasetSourceException">Folders of splits lack some of what the form names, or a list is not as it should be.</exception>
    public static IReadOnlyList<SourcePair> List(LayoutDocument layout, SourceFolder root)
    {
        var best = Best(layout, root);
        if (best.Lacking.Count > 0)
            throw new DatasetSourceException([.. best.Lacking.Select(lacking =>
                $"{lacking.Key} lacks the folder{(lacking.Value.Count > 1 ? "s" : "")} {string.Join(" and ", lacking.Value)}. " +
                "Add what is missing, or choose another --layout." +
                string.Concat(lacking.Value.Select(folder => NearestFile.ToFolder(root, folder)).OfType<string>().Select(near => $" {near}")))]);
        var pairs = best.Pairs();
        return layout.Lists is { } lists && pairs.Count > 0 && pairs.All(pair => pair.Split is null)
            ? [.. new SplitLists(layout, best._form, root).Assign(lists, pairs)]
            : pairs;
    }

    private static TemplatePairs Best(LayoutDocument layout, SourceFolder root)
    {
        var others = new List<TemplatePairs>();
        foreach (var form in layout.Forms)
        {
            var pairs = new TemplatePairs(layout, root, form);
            if (pairs.RolesFound == form.Roles.Count)
                return pairs;
            others.Add(pairs);
        }
        return others.OrderByDescending(form => form.RolesFound).ThenByDescending(form => form.Lacking.Count > 0).First();
    }

    private List<SourcePair> Pairs()
    {
        var pairs = new SortedDictionary<string, SourcePair>(StringComparer.Ordinal);
        var byRole = _form.Roles.ToDictionary(
            role => role.Role,
            role => _files[role.Role].ToLookup(file => KeyOf(file.Values, role.Template.Placeholders), StringComparer.Ordinal));
        var used = _form.Roles.ToDictionary(role => role.Role, _ => new HashSet<string>(StringComparer.Ordinal));
        var whole = _form.Roles.Where(role => role.Template.Placeholders.Count == _placeholders.Count)
            .SelectMany(role => _files[role.Role]).DistinctBy(file => KeyOf(file.Values, _placeholders));
        foreach (var file in whole)
        {
            foreach (var (role, template) in _form.Roles)
                used[role].Add(KeyOf(file.Values, template.Placeholders));
            Add(file.Values, isWhole: true);
        }
        // A file that belongs to no pair, because what it lacks is where the rest of the pair's name would stand. One of a year may be of a pair as the
        // other date.
        var taken = pairs.Values.SelectMany(pair => (SourceFile?[])[pair.Before, pair.After, pair.Mask]).OfType<SourceFile>()
            .Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var (role, template) in _form.Roles)
        {
            foreach (var file in _files[role].Where(file => used[role].Add(KeyOf(file.Values, template.Placeholders)) && !taken.Contains(file.File.Path)))
                Add(file.Values, isWhole: false);
        }
        return WithoutNested(pairs);

        void Add(IReadOnlyDictionary<string, string> values, bool isWhole)
        {
            var pair = Pair(values, role => byRole[role][KeyOf(values, _form.Roles.First(one => one.Role == role).Template.Placeholders)], isWhole);
            pairs.TryAdd(pair.Path, pair);
        }
    }

    private SourcePair Pair(IReadOnlyDictionary<string, string> values, Func<LayoutRole, IEnumerable<FoundFile>> filesOf, bool isWhole)
    {
        var path = string.Join('/', _placeholders.Where(values.ContainsKey).Select(name => values[name]));
        var found = _form.Roles.Select(role => (role.Role, role.Template, Files: filesOf(role.Role).Select(file => file.File).ToList())).ToList();
        return new()
        {
            Path = path,
            Split = !isWhole ? null
                : values.TryGetValue(PathTemplate.Split, out var word) ? _layout.Splits[word]
                : _layout.Lists is null ? _layout.Split : null,
            Before = FileOf(LayoutRole.Before),
            After = FileOf(LayoutRole.After),
            Mask = FileOf(LayoutRole.Mask),
            Missing = [.. found.Where(role => role.Files.Count == 0)
                .Select(role => new MissingFile(
                    LayoutText.What(role.Role), role.Template.Text, role.Template.Fill(values),
                    LayoutText.Missing(_layout, path, role.Role, role.Template, values)))],
            Problem = found.Select(role => role.Files switch
            {
                [] => LayoutText.Missing(_layout, path, role.Role, role.Template, values),
                [_] => null,
                [var one, var other, ..] =>
                    $"{path}: {one.Path} and {other.Path} have one name, so it is not clear which is the {LayoutText.What(role.Role)}. Remove one.",
            }).FirstOrDefault(problem => problem is not null),
            Values = values,
        };

        SourceFile? FileOf(LayoutRole role) => found.FirstOrDefault(one => one.Role == role).Files?.FirstOrDefault();
    }

    /// <summary>A pair whose folder is its name has no pairs inside: what lies there is of its own.</summary>
    private List<SourcePair> WithoutNested(SortedDictionary<string, SourcePair> pairs)
    {
        if (_layout.Depth == 1 || !_form.Roles.All(role => role.Template.Segments[0].IsName))
            return [.. pairs.Values];
        if (pairs.ContainsKey(_root.Name) && _files.Values.SelectMany(files => files).Any(file => !file.File.Path.Contains('/', StringComparison.Ordinal)))
            return [pairs[_root.Name]];
        return [.. pairs.Values.Where(pair => !pairs.Keys.Any(other => pair.Path.StartsWith($"{other}/", StringComparison.Ordinal)))];
    }

    private static string KeyOf(IReadOnlyDictionary<string, string> values, IReadOnlyList<string> placeholders) =>
        string.Join('\0', placeholders.Select(name => values.GetValueOrDefault(name, "")));
}
