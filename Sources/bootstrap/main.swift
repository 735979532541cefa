Bootstrap.run()
