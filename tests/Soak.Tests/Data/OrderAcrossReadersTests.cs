namespace ChangeDetection.Soak.Tests.Data;

[Collection(Lanes.OneThread)]
public sealed class OrderAcrossReadersTests
{
    private const int Iterations = 2000;

    [Fact]
    public Task Order_AnyThreadsPrefetchAndCachesFromAnySampleOn_IsTheSameToTheBit() => Worker.Tests.Data.Order.OrderAcrossReadersTests.PlainAsync(Iterations);

    [Fact]
    public Task Order_WithEveryAugmentation_IsTheSameToTheBit() => Worker.Tests.Data.Order.OrderAcrossReadersTests.AugmentedAsync(Iterations);
}
