using ChangeDetection.Dashboard.Starting;

return await DashboardCommand.RunAsync(args);
