namespace ChangeDetection.Datasets.Layouts;

/// <summary>SYSU-CD, and what <c>dataset synthesize</c> writes: <c>{train,val,test}/{time1,time2,label}/NAME.png</c>.</summary>
internal sealed class SysuLayout : IDatasetLayout
{
    public string Name => "sysu";

    public string Folders => "{train,val,test}/{time1,time2,label}/NAME.png";

    public IReadOnlyList<SourcePair> List(string source) => SplitFolders.List(SourceFolder.Open(source), "time1", "time2", "label");
}
