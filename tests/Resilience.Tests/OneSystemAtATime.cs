using ChangeDetection.TestKit;
using Xunit.Sdk;
using Xunit.v3;

// Each test brings up a whole system and watches its clock: two at once on two cores would measure each other.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: Needs(Resource.Database, Resource.Processes, Resource.StorageServer)]
