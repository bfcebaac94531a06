using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class ImplementationsTests
{
    private readonly Implementations<Sound> _sounds = new();

    [Fact]
    public void Name_MarkedOnce_IsThatProperty() => Assert.Equal("woof", _sounds["dog"]());

    [Fact]
    public void Property_WithSeveralMarks_IsBehindEachOfItsNames() => Assert.Equal(("moo", "moo"), (_sounds["cow"](), _sounds["ox"]()));

    [Fact]
    public void Names_AreThoseOfTheTypeAlone_InOrder() => Assert.Equal(["cat", "cow", "dog", "ox"], _sounds.Names);

    [Fact]
    public void Name_ThatNothingIsMarkedWith_SaysWhatToMark()
    {
        var exception = Assert.Throws<InvalidOperationException>(() => _sounds["fish"]);
        Assert.Equal(
            "Nothing implements 'fish': no static property of type Sound is marked with [Implements(\"fish\")]. "
            + "Mark one in the file that is to implement it.",
            exception.Message);
    }

    [Fact]
    public void Name_MarkedTwice_SaysWhereAndWhatToTakeAway()
    {
        var exception = Assert.Throws<InvalidOperationException>(() => _sounds["cat"]);
        Assert.Equal("'cat' is implemented by Animals.Cat and OtherAnimals.Cat: take [Implements(\"cat\")] off all but one.", exception.Message);
    }

    private delegate string Sound();

    private delegate string Colour();

    private static class Animals
    {
        [Implements("dog")]
        public static Sound Dog => () => "woof";

        [Implements("dog")]
        public static Colour OfADog => () => "brown";

        [Implements("cow"), Implements("ox")]
        private static Sound Cow => () => "moo";

        [Implements("cat")]
        public static Sound Cat => () => "meow";

        public static Sound Unmarked => () => "";
    }

    private static class OtherAnimals
    {
        [Implements("cat")]
        public static Sound Cat => () => "purr";
    }
}
