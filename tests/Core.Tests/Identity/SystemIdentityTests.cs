using System.Text;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using Npgsql;

namespace ChangeDetection.Core.Tests.Identity;

/// <summary>A store is one system's, and every other system is told so before it writes or deletes anything there.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class SystemIdentityTests(PostgresServer server) : IDisposable
{
    private static readonly CancellationToken s_token = CancellationToken.None;
    private readonly TemporaryFolder _folder = new();

    private FileObjectStore Store => new(_folder["store"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Claim_OfANewStore_MarksItOnce_AndIsTheSameEverAfter()
    {
        await using var database = await SystemAsync();

        var identity = await SystemIdentity.ClaimAsync(database.DataSource, Store, s_token);

        Assert.Equal(identity.Id, await StoreMarker.ReadAsync(Store, s_token));
        var again = await SystemIdentity.ClaimAsync(database.DataSource, Store, s_token);
        Assert.Equal(identity.Id, again.Id);
        Assert.NotNull(again.MarkedAt);
        await SystemIdentity.RequireOwnAsync(database.DataSource, Store, s_token);
        var second = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(database, "insert into system default values"));
        Assert.Equal(PostgresErrorCodes.UniqueViolation, second.SqlState);
    }

    [Fact]
    public async Task Store_SharedByMistake_IsRefusedToTheSecondSystem_AndNothingInItIsTouched()
    {
        await using var first = await SystemAsync();
        await using var second = await SystemAsync();
        await SystemIdentity.ClaimAsync(first.DataSource, Store, s_token);
        await PutAsync($"{RunObject.Root}{Guid.NewGuid()}/checkpoints/000000001-a1/weights.safetensors");
        var before = await KeysAsync();

        foreach (var look in (Func<NpgsqlDataSource, IObjectStore, CancellationToken, Task>[])
            [SystemIdentity.ClaimAsync, SystemIdentity.RequireNotForeignAsync, SystemIdentity.RequireOwnAsync])
        {
            var error = await Assert.ThrowsAsync<SystemIdentityException>(() => look(second.DataSource, Store, s_token));
            Assert.Contains($"belongs to the system {await IdAsync(first)}, and the database to the system {await IdAsync(second)}", error.Message,
                StringComparison.Ordinal);
            Assert.Contains(SystemSettings.StoreVariable, error.Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, await KeysAsync());
    }

    [Fact]
    public async Task Claim_ByManyAtOnce_GivesTheStoreToOne()
    {
        await using var first = await SystemAsync();
        await using var second = await SystemAsync();

        var claims = await Task.WhenAll(Enumerable.Range(0, 12).Select(async number =>
        {
            try
            {
                return (Guid?)(await SystemIdentity.ClaimAsync((number % 2 == 0 ? first : second).DataSource, Store, s_token)).Id;
            }
            catch (SystemIdentityException)
            {
                return null;
            }
        }));

        var owner = await StoreMarker.ReadAsync(Store, s_token);
        Assert.Equal(6, claims.Count(claim => claim == owner));
        Assert.Equal(6, claims.Count(claim => claim is null));
    }

    [Fact]
    public async Task Claim_OfAStoreOfBeforeThereWereMarks_MarksIt_WhereItsRunsAreTheDatabases()
    {
        await using var database = await SystemAsync();
        var run = (await Experiments.SubmitAsync(database))[0];
        await PutAsync($"{RunObject.Root}{run}/checkpoints/000000001-a1/weights.safetensors");
        // A data set below the same prefix says nothing of whose store it is.
        await PutAsync("data/mine/dataset.json");

        await SystemIdentity.RequireNotForeignAsync(database.DataSource, Store, s_token);
        Assert.Contains("bears no mark", (await Assert.ThrowsAsync<SystemIdentityException>(
            () => SystemIdentity.RequireOwnAsync(database.DataSource, Store, s_token))).Message, StringComparison.Ordinal);
        var identity = await SystemIdentity.ClaimAsync(database.DataSource, Store, s_token);

        Assert.Equal(identity.Id, await StoreMarker.ReadAsync(Store, s_token));
    }

    [Fact]
    public async Task Claim_OfAnUnmarkedStoreWithRunsThatTheDatabaseDoesNotKnow_IsRefused_UntilSomebodySaysSo()
    {
        await using var database = await SystemAsync();
        var (known, unknown) = ((await Experiments.SubmitAsync(database))[0], Guid.CreateVersion7());
        await PutAsync($"{RunObject.Root}{known}/checkpoints/000000001-a1/weights.safetensors");
        await PutAsync($"{RunObject.Root}{unknown}/reports/report-a1.html");

        var error = await Assert.ThrowsAsync<SystemIdentityException>(() => SystemIdentity.ClaimAsync(database.DataSource, Store, s_token));

        Assert.Contains($"the run {unknown}", error.Message, StringComparison.Ordinal);
        Assert.Null(await StoreMarker.ReadAsync(Store, s_token));
        // The remedy that the message names.
        await PutAsync(StoreMarker.Key.Value, $"{{ \"id\": \"{await IdAsync(database)}\" }}");
        await SystemIdentity.ClaimAsync(database.DataSource, Store, s_token);
    }

    [Fact]
    public async Task Claim_OfAnEmptyStore_WhereRowsNameObjects_IsRefused()
    {
        await using var database = await SystemAsync();
        await PublishAsync(database);

        var error = await Assert.ThrowsAsync<SystemIdentityException>(() => SystemIdentity.ClaimAsync(database.DataSource, Store, s_token));

        Assert.Contains("holds none of them", error.Message, StringComparison.Ordinal);
        Assert.Contains("Is its disk mounted?", error.Message, StringComparison.Ordinal);
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task Mark_ThatIsLost_IsNotMadeAnewInAStoreThatHoldsRuns()
    {
        await using var database = await SystemAsync();
        await SystemIdentity.ClaimAsync(database.DataSource, Store, s_token);
        await Store.DeleteAsync(StoreMarker.Key, s_token);
        // Nothing has been stored yet: a new, empty place is as good.
        await SystemIdentity.ClaimAsync(database.DataSource, Store, s_token);

        var run = await PublishAsync(database);
        await PutAsync($"{RunObject.Root}{run}/checkpoints/000000001-a1/weights.safetensors");
        await Store.DeleteAsync(StoreMarker.Key, s_token);

        foreach (var look in (Func<NpgsqlDataSource, IObjectStore, CancellationToken, Task>[])
            [SystemIdentity.ClaimAsync, SystemIdentity.RequireNotForeignAsync, SystemIdentity.RequireOwnAsync])
        {
            var error = await Assert.ThrowsAsync<SystemIdentityException>(() => look(database.DataSource, Store, s_token));
            Assert.Contains(StoreMarker.Key.Value, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ \"id\": ")]
    [InlineData("{ \"id\": 7 }")]
    [InlineData("[]")]
    [InlineData("{ \"name\": \"a data set\" }")]
    public async Task Mark_ThatIsNone_IsNamed(string text)
    {
        await using var database = await SystemAsync();
        await PutAsync(StoreMarker.Key.Value, text);

        var error = await Assert.ThrowsAsync<SystemIdentityException>(() => SystemIdentity.ClaimAsync(database.DataSource, Store, s_token));

        Assert.Contains("the object system.json is not the mark of a system", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WhereTheRowIsGone_SaysSo()
    {
        await using var database = await SystemAsync();
        await ExecuteAsync(database, "delete from system");

        var error = await Assert.ThrowsAsync<SystemIdentityException>(() => SystemIdentity.ReadAsync(database.DataSource, s_token));

        Assert.Contains("The table 'system' of the database is empty", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A database of a system of its own: those of one server are copies of one.</summary>
    private async Task<TestDatabase> SystemAsync()
    {
        var database = await server.CreateDatabaseAsync();
        await SystemIdentity.RenewAsync(database.DataSource, Guid.NewGuid(), s_token);
        return database;
    }

    private static async Task<Guid> IdAsync(TestDatabase database) => (await SystemIdentity.ReadAsync(database.DataSource, s_token)).Id;

    private static async Task<Guid> PublishAsync(TestDatabase database)
    {
        var run = (await Experiments.SubmitAsync(database))[0];
        await ExecuteAsync(database,
            "insert into checkpoints (run_id, step, attempt, epoch, prefix, weights_sha256, manifest_sha256, bytes, best, metrics) values " +
            $"('{run}', 1, 1, 1, 'runs/{run}/checkpoints/000000001-a1', '0', '0', 1, true, '{{}}')");
        return run;
    }

    private Task PutAsync(string key, string text = "bytes") => Store.PutAsync(
        new ObjectKey(key), (stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), token).AsTask(), s_token);

    private async Task<List<string>> KeysAsync() => await Store.ListAsync("", s_token).Select(stored => stored.Key.Value).ToListAsync(s_token);

    private static async Task ExecuteAsync(TestDatabase database, string sql)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
